"""Whatever is wrong with one checkpoint, the resume says it and goes on from the one before."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy import without_validation

from engine_checkpoint import (
    LAST,
    CheckpointError,
    WrongModelError,
    read_file,
    save_checkpoint,
)

RAW: list[Any] = [None, 7, -1, "text", b"", [], {}, [1], [None], [{}], {"a": 1}, {1: {}}, ({},)]
RAW += [{"param_groups": [{}], "state": {}}, {"epoch": "1", "iter": []}, [{"rng": 5}]]
RAW += [torch.ones(2), {"log_scalars": {"a": 1}, "runtime_info": {}, "resumed_keys": {"a": True}}]


@pytest.fixture
def trained(toy: Any) -> Any:
    """A training of two epochs, of which both checkpoints are there."""
    runner = toy(
        **without_validation(),
        train_cfg={"by_epoch": True, "max_epochs": 2},
        param_scheduler={"type": "StepLR", "step_size": 1},
    )
    runner.train()
    return runner


@pytest.fixture
def resume(toy: Any, trained: Any) -> Callable[[], tuple[int, Any]]:
    """Resumes, and returns at which epoch, and with what weights."""

    def act() -> tuple[int, Any]:
        runner = toy(
            **without_validation(),
            train_cfg={"by_epoch": True, "max_epochs": 3},
            param_scheduler={"type": "StepLR", "step_size": 1},
            resume=True,
            log_level="ERROR",
        )
        runner.load_or_resume()
        return runner.epoch, [each.tolist() for each in runner.model.state_dict().values()]

    return act


def weights(file: Path) -> Any:
    return [each.tolist() for each in read_file(file)["state_dict"].values()]


PARTS = ["meta", "state_dict", "message_hub", "train_state", "optimizer", "param_schedulers", "rng"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_any_other_type_is_told_and_the_one_before_is_taken(
    trained: Any, resume: Any, part: str
) -> None:
    folder = Path(trained.work_dir)
    whole, before = read_file(folder / "epoch_2.pth"), weights(folder / "epoch_1.pth")
    for value in RAW:
        save_checkpoint({**whole, part: value}, str(folder / "epoch_2.pth"))
        epoch, found = resume()
        expected = (
            before if epoch == 1 else [each.tolist() for each in whole["state_dict"].values()]
        )
        assert found == expected, f"{part} is {value!r}"


def test_without_weights_the_one_before_is_taken(trained: Any, resume: Any) -> None:
    folder = Path(trained.work_dir)
    whole = read_file(folder / "epoch_2.pth")
    del whole["state_dict"]
    save_checkpoint(whole, str(folder / "epoch_2.pth"))
    assert resume() == (1, weights(folder / "epoch_1.pth"))


def test_clocks_may_be_numbers_of_numpy(trained: Any, resume: Any) -> None:
    newest = Path(trained.work_dir, "epoch_2.pth")
    whole = read_file(newest)
    whole["meta"] |= {key: np.int64(whole["meta"][key]) for key in ("epoch", "iter")}
    save_checkpoint(whole, str(newest))
    assert resume() == (2, weights(newest))


def test_a_flipped_bit_anywhere_at_the_head_never_stops_a_resume(trained: Any, resume: Any) -> None:
    newest = Path(trained.work_dir, "epoch_2.pth")
    whole, draw = newest.read_bytes(), random.Random(0)
    for place in [*range(0, 30), *(draw.randrange(4096) for _ in range(20))]:
        changed = bytearray(whole)
        changed[place] ^= 1 << draw.randrange(8)
        newest.write_bytes(changed)
        with pytest.raises(CheckpointError, match=r"epoch_2\.pth"):
            read_file(newest)
    assert resume()[0] == 1


def folder(record: Path) -> None:
    record.unlink()
    record.mkdir()


def link_to_itself(record: Path) -> None:
    record.unlink()
    record.symlink_to(record)


def pipe(record: Path) -> None:
    record.unlink()
    os.mkfifo(record)


def elsewhere(address: str) -> Callable[[Path], None]:
    return lambda record: record.write_text(address) and None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "harm",
    [
        folder,
        link_to_itself,
        pipe,
        elsewhere("nowhere://bucket/epoch_2.pth"),
        elsewhere("http://127.0.0.1:9/epoch_2.pth"),
        elsewhere("\0" * 5000),
        elsewhere("/dev/zero"),
        elsewhere("a\nb"),
        lambda record: record.write_bytes(b"\xff" * 20),
    ],
)
def test_whatever_says_which_is_the_newest_is_no_reason_to_stop(
    trained: Any, resume: Any, harm: Callable[[Path], None]
) -> None:
    harm(Path(trained.work_dir, LAST))
    assert resume()[0] == 2


def test_a_pipe_or_folder_in_the_place_of_a_checkpoint_is_passed_over(
    trained: Any, resume: Any
) -> None:
    newest = Path(trained.work_dir, "epoch_2.pth")
    for make in (os.mkfifo, os.mkdir):
        newest.unlink()
        make(newest)
        assert resume()[0] == 1
        newest.rmdir() if newest.is_dir() else newest.unlink()
        newest.touch()


def test_the_error_at_the_end_lists_what_is_wrong_with_each(trained: Any, resume: Any) -> None:
    for number, content in ((1, b"PK\x03\x04"), (2, b"")):
        Path(trained.work_dir, f"epoch_{number}.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"(?s)no checkpoint in .*epoch_2.*\n.*epoch_1"):
        resume()


def test_a_weight_of_another_shape_in_one_checkpoint_is_told_and_the_one_before_is_taken(
    trained: Any, resume: Any
) -> None:
    folder = Path(trained.work_dir)
    whole, before = read_file(folder / "epoch_2.pth"), weights(folder / "epoch_1.pth")
    name = next(iter(whole["state_dict"]))
    for value in (torch.ones(7, 7), None, "text", {"a": 1}):
        changed = {**whole, "state_dict": {**whole["state_dict"], name: value}}
        save_checkpoint(changed, str(folder / "epoch_2.pth"))
        assert resume() == (1, before)
    more = {**whole, "state_dict": {**whole["state_dict"], "other.weight": torch.ones(1)}}
    save_checkpoint(more, str(folder / "epoch_2.pth"))
    assert resume() == (1, before)


def test_another_model_than_any_checkpoint_has_is_told_plainly(trained: Any, toy: Any) -> None:
    other = torch.nn.Linear(3, 5)
    runner = toy(**without_validation(), model=other, resume=True, log_level="ERROR")
    with pytest.raises(WrongModelError, match=r"(?s)the model is not the one .*epoch_2.*epoch_1"):
        runner.load_or_resume()


def test_what_a_hook_has_put_beside_the_weights_stops_no_resume(trained: Any, resume: Any) -> None:
    newest = Path(trained.work_dir, "epoch_2.pth")
    whole, expected = read_file(newest), weights(newest)
    whole["state_dict"] |= {"version": 3, "note": "text"}
    save_checkpoint(whole, str(newest))
    assert resume() == (2, expected)


KINDS = [
    {"type": "SGD", "lr": 0.1, "momentum": 0.9},
    {"type": "SGD", "lr": 0.1},
    {"type": "Adam", "lr": 0.1, "amsgrad": True},
    {"type": "AdamW", "lr": 0.1},
    {"type": "RMSprop", "lr": 0.1, "centered": True, "momentum": 0.5},
    {"type": "Adagrad", "lr": 0.1},
    {"type": "Rprop", "lr": 0.1},
    {"type": "torch.optim.Adafactor", "lr": 0.1},
    {"type": "ASGD", "lr": 0.1},
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "_".join(map(str, kind.values())))
def test_what_an_optimizer_keeps_is_looked_at_before_the_training_goes_on(
    toy: Any, kind: dict[str, Any]
) -> None:
    def run(epochs: int, **more: Any) -> Any:
        cfg = {"by_epoch": True, "max_epochs": epochs}
        optimizer = {"optimizer": more.pop("optimizer", kind)}
        return toy(**without_validation(), train_cfg=cfg, optim_wrapper=optimizer, **more)

    first = run(2)
    first.train()
    newest = Path(first.work_dir, "epoch_2.pth")
    whole = read_file(newest)
    run(3, resume=True).train()
    assert read_file(newest.with_name("epoch_3.pth"))["meta"]["epoch"] == 3
    state = whole["optimizer"]["state"]
    for key in next(reversed(state.values()), {}):
        for value in ("text", torch.ones(7, 7, 7), {}, [1, 2]):
            newest.with_name("epoch_3.pth").unlink(missing_ok=True)
            last = [*state][-1]
            states = {**state, last: {**state[last], key: value}}
            optimizer = {**whole["optimizer"], "state": states}
            save_checkpoint({**whole, "optimizer": optimizer}, str(newest))
            newest.with_name(LAST).write_text(str(newest))
            runner = run(3, resume=True, log_level="ERROR")
            runner.load_or_resume()
            assert runner.epoch == 1, f"{key} is {value!r}"


@pytest.mark.parametrize("kind", KINDS[2:], ids=lambda kind: str(kind["type"]))
def test_another_optimizer_than_the_saved_one_is_told_before_the_training_goes_on(
    trained: Any, toy: Any, kind: dict[str, Any]
) -> None:
    runner = toy(**without_validation(), optim_wrapper={"optimizer": kind}, resume=True)
    with pytest.raises(CheckpointError, match=r"(?s)the optimizer of .*resume_optimizer=False"):
        runner.load_or_resume()


def test_no_file_is_removed_where_a_checkpoint_says_that_a_former_best_one_lies(
    toy: Any, tmp_path: Path
) -> None:
    mine, other = tmp_path / "mine.txt", tmp_path / "best_thing.pth"
    best = {"default_hooks": {"checkpoint": {"interval": 1, "save_best": "accuracy"}}}
    first = toy(**best, train_cfg={"by_epoch": True, "max_epochs": 1})
    first.train()
    folder = Path(first.work_dir)
    whole = read_file(folder / "epoch_1.pth")
    for value in (str(mine), str(other), "../mine.txt", {"a": 1}, True, torch.ones(0), [1]):
        for each in (mine, other):
            each.write_text("stays")
        info = {"best_ckpt": value, "best_score": -1.0, "preempted_ckpt": value}
        info = {**whole["message_hub"]["runtime_info"], **info}
        hub = {**whole["message_hub"], "runtime_info": info}
        save_checkpoint({**whole, "message_hub": hub}, str(folder / "epoch_1.pth"))
        (folder / LAST).write_text(str(folder / "epoch_1.pth"))
        hooks = [{"type": "PreemptionHook"}]
        cfg = {"by_epoch": True, "max_epochs": 2}
        toy(**best, train_cfg=cfg, resume=True, log_level="ERROR", custom_hooks=hooks).train()
        assert mine.exists() and other.exists(), value
