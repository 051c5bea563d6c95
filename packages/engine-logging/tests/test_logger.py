from __future__ import annotations

import io
import json
import logging
import logging.handlers
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from engine_logging import MessageHub, MMLogger, print_log, set_default_name, use_ranks


def lines(path: Path) -> list[str]:
    """The file's lines without their times."""
    return [line.partition(" - ")[2] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_logger_writes_to_the_terminal_and_to_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "made" / "a.log"
    logger = MMLogger.get_instance("run", log_file=str(path))
    logger.info("hello %s", "you")
    logger.debug("not shown")
    assert lines(path) == ["engine - INFO - hello you"]
    out = capsys.readouterr().out
    assert out.endswith(" - engine - INFO - hello you\n")
    assert "\x1b" not in out
    assert isinstance(logger, logging.Logger)
    assert logger.log_file == str(path)


def test_an_error_says_where_it_was_logged(tmp_path: Path) -> None:
    logger = MMLogger.get_instance("run", logger_name="mine", log_file=str(tmp_path / "a.log"))
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        logger.exception("failed")
    text = (tmp_path / "a.log").read_text(encoding="utf-8")
    place = f"mine - ERROR - {__file__} - test_an_error_says_where_it_was_logged - "
    assert place in text
    assert text.endswith("ZeroDivisionError: by nothing\n")


class Terminal:
    """A stream that is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


def test_levels_are_coloured_on_a_terminal_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    logger.warning("colour")
    assert "\x1b[1;33mWARNING\x1b[0m - colour" in terminal.text
    monkeypatch.setenv("NO_COLOR", "1")
    logger.warning("plain")
    assert "WARNING - plain" in terminal.text
    assert lines(tmp_path / "a.log") == ["engine - WARNING - colour", "engine - WARNING - plain"]


def test_a_warning_that_repeats_is_written_once(tmp_path: Path) -> None:
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    for _ in range(3):
        logger.warning("careful")
        logger.info("on the way")
    logger.warning("careful, %d", 2)
    assert [line.split(" - ")[-1] for line in lines(tmp_path / "a.log")] == [
        "careful",
        "on the way",
        "on the way",
        "on the way",
        "careful, 2",
    ]


@pytest.mark.parametrize(
    ("rank", "kwargs", "files", "console"),
    [
        (0, {}, ["a.log"], logging.INFO),
        (1, {}, [], logging.ERROR),
        (1, {"distributed": True}, ["a_*_device1_rank1.log"], logging.ERROR),
        (0, {"distributed": True}, ["a_*_device0_rank0.log"], logging.INFO),
        (1, {"log_level": "DEBUG"}, ["a_*_device1_rank1.log"], logging.ERROR),
        (1, {"log_level": "CRITICAL"}, [], logging.CRITICAL),
    ],
)
@pytest.mark.parametrize("source", ["environment", "slurm", "functions"])
def test_ranks_have_levels_and_files_of_their_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rank: int,
    kwargs: dict[str, Any],
    files: list[str],
    console: int,
    source: str,
) -> None:
    if source == "functions":
        use_ranks(lambda: rank, lambda: 2, lambda: rank)
    else:
        slurm = ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")
        names = slurm if source == "slurm" else ("RANK", "WORLD_SIZE", "LOCAL_RANK")
        for name, value in zip(names, (rank, 2, rank), strict=True):
            monkeypatch.setenv(name, str(value))
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"), **kwargs)
    logger.error("x")
    found = sorted(path.name for path in tmp_path.iterdir())
    assert len(found) == len(files)
    assert all(Path(name).match(pattern) for name, pattern in zip(found, files, strict=True))
    assert logger.handlers[0].level == console
    if files:
        assert logger.log_file == str(tmp_path / found[0])


def test_one_process_writes_the_file_it_was_given(tmp_path: Path) -> None:
    MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"), distributed=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]


def test_a_file_is_begun_anew_or_continued(tmp_path: Path) -> None:
    for name, mode in (("one", "w"), ("two", "a"), ("three", "w")):
        logger = MMLogger.get_instance(name, log_file=str(tmp_path / "a.log"), file_mode=mode)
        logger.info(name)
        if name == "two":
            assert len(lines(tmp_path / "a.log")) == 2
        logger.close()
    assert lines(tmp_path / "a.log") == ["engine - INFO - three"]


def test_another_file_handler_is_taken_by_name(tmp_path: Path) -> None:
    cfg = {"type": "RotatingFileHandler", "maxBytes": 100, "backupCount": 2}
    path = tmp_path / "a.log"
    logger = MMLogger.get_instance("run", log_file=str(path), file_handler_cfg=cfg)
    assert isinstance(logger.handlers[1], logging.handlers.RotatingFileHandler)
    for number in range(5):
        logger.info("%d %s", number, "x" * 80)
    assert len(list(tmp_path.iterdir())) == 3
    assert cfg["type"] == "RotatingFileHandler"
    plain = MMLogger.get_instance(
        "plain", log_file=str(tmp_path / "b.log"), file_handler_cfg={"type": "FileHandler"}
    )
    assert isinstance(plain.handlers[1], logging.FileHandler)


@pytest.mark.parametrize("cfg", [{"type": "Nope"}, {"maxBytes": 1}, {"type": "SocketHandler"}])
def test_a_file_handler_that_does_not_exist_is_refused(tmp_path: Path, cfg: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="file_handler_cfg"):
        MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"), file_handler_cfg=cfg)
    assert not MMLogger.check_instance_created("run")


def test_json_lines_tell_rank_time_and_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "0")
    path = tmp_path / "a.jsonl"
    logger = MMLogger.get_instance("run", json_file=str(path))
    logger.info("first %d", 1)
    MessageHub.get_instance("hub").update_info("iter", 7)
    logger.info("second", extra={"loss": 0.5, "path": path})
    logger.info("third", extra={"step": 9})
    try:
        raise ValueError("odd")
    except ValueError:
        logger.exception("fourth")
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [entry["message"] for entry in entries] == ["first 1", "second", "third", "fourth"]
    assert [entry["step"] for entry in entries] == [None, 7, 9, 7]
    assert {entry["rank"] for entry in entries} == {0}
    assert entries[1]["loss"] == 0.5 and entries[1]["path"] == str(path)
    assert set(entries[0]) == {"time", "level", "logger", "rank", "step", "message"}
    assert entries[0]["time"][10] == "T" and entries[0]["level"] == "INFO"
    assert "ValueError: odd" in entries[3]["exception"]


def test_a_level_is_changed_for_the_logger_not_for_its_handlers(tmp_path: Path) -> None:
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    assert logger.isEnabledFor(logging.INFO)
    logger.setLevel("ERROR")
    assert not logger.isEnabledFor(logging.INFO)
    logger.info("not written")
    logger.setLevel(logging.INFO)
    logger.info("written")
    assert lines(tmp_path / "a.log") == ["engine - INFO - written"]
    assert [handler.level for handler in logger.handlers] == [logging.INFO, logging.INFO]
    logging.disable(logging.INFO)
    assert not logger.isEnabledFor(logging.INFO)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(("level", "error"), [("LOUD", ValueError), (None, TypeError)])
def test_a_level_that_does_not_exist_is_refused(level: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="level"):
        MMLogger.get_instance("run", log_level=level)


def test_there_is_always_a_current_logger() -> None:
    first = MMLogger.get_current_instance()
    assert (first.instance_name, first.name) == ("engine", "engine")
    second = MMLogger.get_instance("second")
    assert MMLogger.get_current_instance() is second


def test_the_default_name_has_one_door() -> None:
    set_default_name("mmengine")
    try:
        logger = MMLogger.get_current_instance()
        assert (logger.instance_name, logger.name) == ("mmengine", "mmengine")
        assert MMLogger.get_instance("run").name == "mmengine"
        assert MessageHub.get_current_instance().instance_name == "mmengine"
    finally:
        set_default_name("engine")


def test_a_record_of_another_logger_is_handled_as_its_own(tmp_path: Path) -> None:
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    for level in (logging.DEBUG, logging.INFO):
        fields = {"name": "other", "levelno": level, "levelname": "X", "msg": str(level)}
        logger.callHandlers(logging.makeLogRecord(fields))
    assert lines(tmp_path / "a.log") == ["other - X - 20"]


def test_messages_are_printed_or_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_log("printed")
    assert capsys.readouterr().out == "printed\n"
    logger = MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    print_log("silent", logger="silent")
    print_log("by object", logger=logger)
    print_log("current", logger="current", level=logging.WARNING)
    print_log("by name", logger="run", level=logging.ERROR)
    found = lines(tmp_path / "a.log")
    assert found[:2] == ["engine - INFO - by object", "engine - WARNING - current"]
    assert __file__ in found[2]  # the place is the caller's, not print_log's
    with pytest.raises(ValueError, match="no MMLogger is called 'nobody'; there are: run"):
        print_log("x", logger="nobody")
    with pytest.raises(TypeError, match="logger must be"):
        print_log("x", logger=3)  # type: ignore[arg-type]


def test_a_logger_travels_by_name() -> None:
    logger = MMLogger.get_instance("run", logger_name="mine")
    data = pickle.dumps(logger)
    assert pickle.loads(data) is logger
    MMLogger._instance_dict.clear()
    other = pickle.loads(data)
    assert (other.instance_name, other.name) == ("run", "mine")


def test_a_terminal_without_the_letters_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    MMLogger.get_instance("letters").info("猫 %s", "é")
    terminal.flush()
    assert terminal.buffer.getvalue().endswith(rb"\u732b \xe9" + os.linesep.encode())
