from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import textwrap
import threading
import warnings
from pathlib import Path

import pytest

from engine_logging import MMLogger, relay, setup, undo_setup


def messages(path: Path) -> list[str]:
    return [line.partition(" - ")[2] for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    MMLogger.get_instance("run", log_file=str(tmp_path / "a.log"))
    return tmp_path / "a.log"


def test_nothing_of_logging_is_touched_before_it_is_called(log: Path) -> None:
    logging.getLogger("some.library").warning("unheard")
    assert messages(log) == []


def test_other_libraries_are_in_the_log_once(log: Path) -> None:
    setup()
    setup()
    library = logging.getLogger("some.library")
    library.info("heard")
    library.debug("too quiet")
    logging.getLogger("some.library.deep").error("also heard")
    MMLogger.get_instance("run").info("own")
    found = messages(log)
    assert found[0] == "some.library - INFO - heard"
    assert found[1].startswith("some.library.deep - ERROR") and found[1].endswith("also heard")
    assert found[2:] == ["engine - INFO - own"]


def test_the_level_is_that_of_the_libraries(log: Path) -> None:
    setup(level="ERROR")
    logging.getLogger("some.library").warning("dropped")
    MMLogger.get_instance("run").info("own")
    assert messages(log) == ["engine - INFO - own"]


def test_warnings_are_in_the_log(log: Path) -> None:
    setup()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        setup()  # within, since catch_warnings puts back what shows warnings
        warnings.warn("old function", DeprecationWarning, stacklevel=1)
        undo_setup()
    assert "py.warnings - WARNING" in messages(log)[0]
    assert "DeprecationWarning: old function" in messages(log)[0]


def test_records_follow_the_current_logger_or_stay_with_the_named_one(
    log: Path, tmp_path: Path
) -> None:
    assert setup() is MMLogger.get_instance("run")
    MMLogger.get_instance("next", log_file=str(tmp_path / "b.log"))
    logging.getLogger("library").info("to the current one")
    assert messages(tmp_path / "b.log") == ["library - INFO - to the current one"]
    assert setup(MMLogger.get_instance("run")) is MMLogger.get_instance("run")
    logging.getLogger("library").info("to the named one")
    assert messages(log) == ["library - INFO - to the named one"]


def test_it_can_be_taken_back(log: Path) -> None:
    before = sys.excepthook, threading.excepthook, logging.getLogger().level
    setup(level="DEBUG")
    undo_setup()
    undo_setup()
    logging.getLogger("some.library").warning("unheard")
    assert messages(log) == []
    assert (sys.excepthook, threading.excepthook, logging.getLogger().level) == before


UNCAUGHT = """
import sys, threading
from engine_logging import MMLogger, setup
MMLogger.get_instance("run", log_file=sys.argv[1], distributed=True)
setup()
def fail():
    raise ZeroDivisionError("by nothing")
if sys.argv[2] == "thread":
    thread = threading.Thread(target=fail); thread.start(); thread.join()
elif sys.argv[2] == "interrupt":
    raise KeyboardInterrupt
else:
    fail()
"""


def run_uncaught(path: Path, how: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(UNCAUGHT), str(path), how],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "RANK": "1", "WORLD_SIZE": "2"},
    )


@pytest.mark.parametrize("how", ["main", "thread"])
def test_an_uncaught_exception_is_logged_with_its_rank(tmp_path: Path, how: str) -> None:
    result = run_uncaught(tmp_path / "a.log", how)
    assert result.returncode == (1 if how == "main" else 0)
    (path,) = tmp_path.glob("a_*_rank1.log")
    text = path.read_text(encoding="utf-8")
    assert "CRITICAL" in text and "<string> - fail - " in text
    assert "uncaught exception on rank 1: ZeroDivisionError: by nothing" in text
    assert text.count("Traceback (most recent call last)") == 1
    assert "uncaught exception on rank 1" in result.stdout
    assert "Traceback" not in result.stdout  # Python prints it, as always
    assert result.stderr.count("Traceback (most recent call last)") == 1


def test_an_interrupt_is_no_failure(tmp_path: Path) -> None:
    assert run_uncaught(tmp_path / "a.log", "interrupt").returncode != 0
    (path,) = tmp_path.glob("a_*_rank1.log")
    assert path.read_text(encoding="utf-8") == ""


def test_records_of_libraries_reach_the_runs_log_once(tmp_path: Path) -> None:
    first = MMLogger.get_instance("first", log_file=str(tmp_path / "first.log"))
    second = MMLogger.get_instance("second", log_file=str(tmp_path / "second.log"))
    library = logging.getLogger("a_library.of_tests")
    relay(["a_library"], first)
    library.info("one")
    relay(["a_library"], second)
    library.info("two")
    setup(second)
    library.info("three")
    undo_setup()
    library.debug("four")
    texts = [(tmp_path / f"{name}.log").read_text("utf-8") for name in ("first", "second")]
    assert [text.count(" - INFO - ") for text in texts] == [1, 2]
    assert "one" in texts[0] and "two" in texts[1] and "three" in texts[1]


def test_a_run_whose_folder_is_gone_does_not_break_the_next_ones_warnings(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    old = MMLogger.get_instance("run_whose_folder_is_gone", log_file=str(folder / "a.log"))
    relay(["relayed_library"], old)
    old.close()
    shutil.rmtree(folder)
    logging.getLogger("relayed_library").warning("said later")
    assert not folder.exists()
    old.close()


def test_a_record_for_the_file_alone_is_not_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.log"
    logger = MMLogger.get_instance("run_with_a_file", log_file=str(file))
    logger.info("long and dull", extra={"file_only": True})
    logger.close()
    assert "long and dull" in file.read_text("utf-8")
    assert "long and dull" not in capsys.readouterr().out
