"""However a training stops or a disk fails, the right checkpoints are there, and no others."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from toy import Count, Points, loader, without_validation

import engine_fileio.atomic as atomic
from engine_checkpoint import LAST, read_file
from engine_runner import Hook
from engine_runner.hooks import Preempted, PreemptionHook


class SignalAt(Hook):
    """Sends a signal in an iteration, the first being 1."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter + 1 == self.iteration:
            signal.raise_signal(signal.SIGTERM)


def names(runner: Any) -> list[str]:
    return sorted(path.name for path in Path(runner.work_dir).glob("*.pth"))


def last(runner: Any) -> str:
    return Path(Path(runner.work_dir, LAST).read_text("utf-8")).name


def by_iterations(number: int, **options: Any) -> dict[str, Any]:
    return {
        **without_validation(),
        "train_cfg": {"by_epoch": False, "max_iters": number},
        "default_hooks": {"checkpoint": {"by_epoch": False, "interval": 5, **options}},
    }


def test_a_stop_waits_for_what_is_written_beside_the_training(
    toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def slow(handle: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            threading.Event().wait(0.3)
        flush(handle)

    monkeypatch.setattr(os, "fsync", slow)
    runner = toy(**by_iterations(9, async_save=True), custom_hooks=[SignalAt(6), PreemptionHook()])
    with pytest.raises(Preempted):
        runner.train()
    assert last(runner) == "preempted_iter_6.pth"
    resumed = toy(**by_iterations(9), resume=True)
    resumed.load_or_resume()
    assert resumed.iter == 6


@pytest.mark.parametrize("by_epoch", [True, False])
def test_a_signal_in_the_last_iteration_lets_the_training_end(toy: Any, by_epoch: bool) -> None:
    options = (
        {**without_validation(), "train_cfg": {"by_epoch": True, "max_epochs": 1}}
        if by_epoch
        else by_iterations(12)
    )
    runner = toy(**options, custom_hooks=[SignalAt(12), PreemptionHook()])
    runner.train()
    assert runner.iter == 12
    assert "preempted_iter_12.pth" not in names(runner)
    assert last(runner) == ("epoch_1.pth" if by_epoch else "iter_12.pth")


def test_a_signal_before_there_is_anything_to_save_ends_with_the_code_to_try_again(
    toy: Any,
) -> None:
    class Signalled(Points):
        def full_init(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    runner = toy(
        **without_validation(),
        train_dataloader=loader(Signalled()),
        custom_hooks=[PreemptionHook()],
    )
    with pytest.raises(Preempted) as stop:
        runner.train()
    assert (stop.value.code, stop.value.checkpoint) == (75, None)
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_killed_process_had_no_time_to_remove_goes_with_the_resume(toy: Any) -> None:
    hooks = {"checkpoint": {"max_keep_ckpts": 2}}
    options = {**without_validation(), "default_hooks": hooks}
    runner = toy(**options, train_cfg={"by_epoch": True, "max_epochs": 3})
    runner.train()
    folder = Path(runner.work_dir)
    (folder / "epoch_1.pth").write_bytes((folder / "epoch_2.pth").read_bytes())
    (folder / "epoch_9.pth").touch()  # of another training
    resumed = toy(**options, train_cfg={"by_epoch": True, "max_epochs": 3}, resume=True)
    resumed.train()
    assert names(resumed) == ["epoch_2.pth", "epoch_3.pth", "epoch_9.pth"]


def failing(monkeypatch: pytest.MonkeyPatch, name: str, *, times: int = 1) -> list[str]:
    """Let the next writings of files whose names begin so fail."""
    create, failed = atomic._create, []

    def act(draft: Path) -> Any:
        if draft.name.startswith(f".{name}") and len(failed) < times:
            failed.append(draft.name)
            raise OSError(errno.EIO, "injected", str(draft))
        return create(draft)

    monkeypatch.setattr(atomic, "_create", act)
    return failed


def test_a_name_of_the_last_one_that_could_not_be_written_keeps_no_file_for_ever(
    toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = failing(monkeypatch, LAST)
    runner = toy(
        **without_validation(),
        train_cfg={"by_epoch": True, "max_epochs": 4},
        default_hooks={"checkpoint": {"max_keep_ckpts": 1}},
    )
    runner.train()
    assert len(failed) == 1
    assert names(runner) == ["epoch_4.pth"]


def test_a_best_one_that_could_not_be_saved_is_tried_again_at_once(
    toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = failing(monkeypatch, "best_")
    runner = toy(
        val_evaluator={"type": Count, "scores": [0.9, 0.1]},
        default_hooks={"checkpoint": {"save_best": "accuracy"}},
    )
    runner.train()
    assert len(failed) == 1
    assert "best_accuracy_epoch_1.pth" in names(runner)
    assert runner.message_hub.get_info("best_score") == 0.9


class StopAfter(Hook):
    """Sets ``stop_training`` after a validation, as early stopping does."""

    def after_val_epoch(self, runner: Any, metrics: Any = None) -> None:
        runner.train_loop.stop_training = runner.iter >= 15


@pytest.mark.parametrize(("by_epoch", "save_last"), [(True, True), (False, True), (False, False)])
def test_whatever_stops_a_training_leaves_it_saved_where_it_stopped(
    toy: Any, by_epoch: bool, save_last: bool
) -> None:
    cfg = {"max_epochs": 9} if by_epoch else {"max_iters": 99, "val_interval": 3}
    interval = -1 if by_epoch else 10
    runner = toy(
        train_cfg={"by_epoch": by_epoch, **cfg},
        custom_hooks=[StopAfter()],
        default_hooks={
            "checkpoint": {"by_epoch": by_epoch, "interval": interval, "save_last": save_last}
        },
    )
    runner.train()
    expected = "epoch_2.pth" if by_epoch else "iter_15.pth" if save_last else "iter_10.pth"
    assert last(runner) == expected
    meta = read_file(Path(runner.work_dir, expected))["meta"]
    assert meta["iter"] == (10 if expected == "iter_10.pth" else runner.iter)


@pytest.mark.parametrize("with_states", [False, True])
def test_the_best_one_holds_states_if_it_is_to_be_resumed_from(toy: Any, with_states: bool) -> None:
    runner = toy(
        param_scheduler={"type": "StepLR", "step_size": 1},
        default_hooks={"checkpoint": {"save_best": "accuracy", "save_best_states": with_states}},
    )
    runner.train()
    found = read_file(runner.message_hub.get_info("best_ckpt")).keys()
    states = {"optimizer", "param_schedulers", "rng"}
    assert states & found == (states if with_states else set())
    assert {"meta", "state_dict", "message_hub"} <= found
