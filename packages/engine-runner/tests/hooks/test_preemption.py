"""A training that is asked to stop saves, says so, and goes on later as if nothing had been."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Points, loader, without_validation

from engine_runner import Hook
from engine_runner.hooks import Preempted, PreemptionHook

SIGNALS = ["SIGINT"] if sys.platform == "win32" else ["SIGTERM", "SIGINT", "SIGUSR1"]


class Raise(Hook):
    """Sends this process a signal in the iteration of that number, as often as told."""

    def __init__(self, name: str, at: int, times: int = 1) -> None:
        self.name, self.at, self.times = name, at, times

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter + 1 == self.at:
            for _ in range(self.times):
                signal.raise_signal(getattr(signal, self.name))


@pytest.fixture
def training(toy: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes runners of a training of twelve iterations, whose weights are then asked for."""
    for name in ("ENGINE_JOB_START", "SLURM_JOB_START_TIME", "TORCHELASTIC_RUN_ID"):
        monkeypatch.delenv(name, raising=False)

    def make(*hooks: Any, every: int = 1, **options: Any) -> Any:
        return toy(
            **{
                **without_validation(),
                "train_dataloader": loader(Points(16), batch_size=4, shuffle=True),
                "train_cfg": {"by_epoch": True, "max_epochs": 3},
                "optim_wrapper": {
                    "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
                    "accumulative_counts": every,
                },
                "custom_hooks": [*hooks],
                "randomness": {"seed": 5},
                **options,
            }
        )

    return make


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_saves_in_the_middle_of_an_epoch_and_ends_the_process_with_a_code(
    training: Any, tmp_path: Path, name: str
) -> None:
    before = signal.getsignal(getattr(signal, name))
    untouched = training(work_dir=tmp_path / "untouched").train()
    stopped = training(Raise(name, 6), PreemptionHook())
    with pytest.raises(Preempted) as found:
        stopped.train()
    saved = str(tmp_path / "work" / "preempted_iter_6.pth")
    assert (found.value.reason, found.value.checkpoint) == (name, saved)
    assert found.value.code == (130 if name == "SIGINT" else 75)
    assert f"{name}" in str(found.value) and saved in str(found.value)
    assert (tmp_path / "work" / "last_checkpoint").read_text() == saved
    assert signal.getsignal(getattr(signal, name)) is before
    resumed = training(PreemptionHook(), resume=True)
    resumed.train()
    assert resumed.iter == 12
    for one, other in zip(untouched.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_window_of_accumulated_gradients_is_gone_on_with(training: Any, tmp_path: Path) -> None:
    untouched = training(work_dir=tmp_path / "untouched", every=3).train()
    with pytest.raises(Preempted) as found:
        training(Raise("SIGINT", 5), PreemptionHook(), every=3).train()
    assert str(found.value.checkpoint).endswith("preempted_iter_5.pth")
    resumed = training(PreemptionHook(), every=3, resume=True).train()
    for one, other in zip(untouched.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_second_ctrl_c_leaves_at_once(training: Any) -> None:
    runner = training(Raise("SIGINT", 6, times=2), PreemptionHook())
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert runner.iter == 5
    assert not [*Path(runner.work_dir).glob("preempted*")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGUSR1")
def test_a_scheduler_may_repeat_itself(training: Any) -> None:
    with pytest.raises(Preempted) as found:
        training(Raise("SIGTERM", 6, times=3), Raise("SIGUSR1", 6), PreemptionHook()).train()
    assert found.value.reason == "SIGTERM"


def test_a_signal_that_is_not_listened_to_does_what_it_did(training: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        training(Raise("SIGINT", 6), PreemptionHook(signals=["SIGTERM"])).train()


def test_the_clock_stops_a_job_that_began_long_ago(
    training: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_START_TIME", "1700000000")
    with pytest.raises(Preempted) as found:
        training(PreemptionHook(time_limit="23h50m", exit_code=85)).train()
    assert (found.value.reason, found.value.code) == ("time limit", 85)
    assert str(found.value.checkpoint).endswith("preempted_iter_1.pth")


def test_a_time_limit_that_is_far_away_changes_nothing(training: Any) -> None:
    runner = training(PreemptionHook(time_limit="5h"))
    runner.train()
    assert runner.iter == 12
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


def test_in_another_thread_the_clock_is_heard_and_no_signal_is_touched(
    training: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_JOB_START", "1700000000")
    before = signal.getsignal(signal.SIGINT)
    caught: list[BaseException] = []

    def train() -> None:
        try:
            training(PreemptionHook(time_limit=60)).train()
        except SystemExit as error:
            caught.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert [type(each) for each in caught] == [Preempted]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_stop_removes_what_the_one_before_has_left_and_so_does_the_end(
    training: Any, tmp_path: Path
) -> None:
    for at in (3, 6):
        with pytest.raises(Preempted):
            training(Raise("SIGINT", at), PreemptionHook(), resume=True).train()
        left = [each.name for each in (tmp_path / "work").glob("*.pth")]
        assert left.count(f"preempted_iter_{at}.pth") == 1
        assert len([name for name in left if name.startswith("preempted")]) == 1
    training(PreemptionHook(), resume=True).train()
    assert not [*(tmp_path / "work").glob("preempted*")]
    assert (tmp_path / "work" / "last_checkpoint").read_text().endswith("epoch_3.pth")


@pytest.mark.skipif(sys.platform == "win32", reason="folders are read-only otherwise there")
def test_a_training_that_cant_be_saved_stops_and_says_so(
    training: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    runner = training(Raise("SIGINT", 6), PreemptionHook(), log_level="ERROR")
    Path(runner.work_dir, "preempted_iter_6.pth").mkdir()
    with pytest.raises(Preempted) as found:
        runner.train()
    assert found.value.checkpoint is None and isinstance(found.value.__cause__, OSError)
    assert "iteration 6, and can't be saved" in capfd.readouterr().out
    assert Path(runner.work_dir, "last_checkpoint").read_text().endswith("epoch_1.pth")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"signals": ["SIGKILL"]}, "SIGKILL"),
        ({"interval": 0}, "interval must be positive"),
        ({"time_limit": "tomorrow"}, "length of time"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PreemptionHook(**options)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on systems like Unix")
def test_a_forked_process_is_deaf_to_it(training: Any) -> None:
    """A data worker that dies of a Ctrl-C would keep the iteration from ending."""
    codes: list[int] = []

    class Fork(Hook):
        def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            if runner.iter == 2:
                child = os.fork()
                if child == 0:
                    signal.raise_signal(signal.SIGINT)
                    signal.raise_signal(signal.SIGINT)
                    os._exit(7)
                codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    runner = training(Fork(), PreemptionHook())
    runner.train()
    assert codes == [7] * len(codes) and codes and runner.iter == 12
