"""Trainings that are asked to stop, importable by processes."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from toy import Points, loader, toy_runner, without_validation

from engine_dist import get_rank
from engine_runner import Hook
from engine_runner.hooks import Preempted, PreemptionHook


class RaiseOn(Hook):
    """Sends one rank a signal in its third iteration, which takes a second."""

    def __init__(self, rank: int) -> None:
        self.on = rank

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == 2 and get_rank() == self.on:
            signal.raise_signal(signal.SIGINT)
            threading.Event().wait(1.0)


class Begin(Hook):
    """Remembers where a training begins."""

    def before_train(self, runner: Any) -> None:
        self.iteration = runner.iter


def training(work_dir: str, *hooks: Any, **options: Any) -> Any:
    """A runner of eight iterations on each of two ranks."""
    return toy_runner(
        work_dir,
        **without_validation(),
        train_dataloader=loader(Points(32), shuffle=True),
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
        custom_hooks=[*hooks],
        launcher="pytorch",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        **options,
    )


def stopped_on_one_rank(work_dir: str) -> dict[str, Any]:
    """How a training ends that one rank is asked to stop, and what comes of it."""
    untouched = training(f"{work_dir}/untouched").train()
    try:
        training(f"{work_dir}/work", RaiseOn(1), PreemptionHook(interval=4)).train()
    except Preempted as stop:
        told = {"code": stop.code, "reason": stop.reason, "checkpoint": stop.checkpoint}
    begin = Begin()
    resumed = training(f"{work_dir}/work", begin, PreemptionHook(), resume=True)
    resumed.train()
    told["went_on_at"] = begin.iteration
    return {
        **told,
        "untouched": [x for value in untouched.parameters() for x in value.flatten().tolist()],
        "weights": [x for value in resumed.model.parameters() for x in value.flatten().tolist()],
    }


class DieOnce(Hook):
    """Kills one rank in its sixth iteration, unless it was started again."""

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == 5 and get_rank() == 1 and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            signal.raise_signal(signal.SIGKILL)


def killed_once(work_dir: str) -> dict[str, Any]:
    """What a training comes to one of whose processes is killed, and where it went on."""
    found: dict[str, Any] = {"restarts": os.environ["TORCHELASTIC_RESTART_COUNT"]}
    saves = {"checkpoint": {"by_epoch": False, "interval": 2}}
    for name, hooks in (("work", [DieOnce()]), ("untouched", [])):
        begin = Begin()
        model = training(f"{work_dir}/{name}", begin, *hooks, default_hooks=saves).train()
        weights = [x for value in model.parameters() for x in value.flatten().tolist()]
        found[name] = {"weights": weights, "began_at": begin.iteration}
    return found
