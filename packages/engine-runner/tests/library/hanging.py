"""Trainings that stand still, each in a process of its own: ``python hanging.py FOLDER KIND...``.

The exit codes are left in ``codes.json``.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import sys
import threading
from pathlib import Path
from typing import Any

from toy import Points, loader, toy_runner, without_validation

from engine_runner import Hook
from engine_runner.hooks import HangHook

NEVER = threading.Event()


class Stuck(Points):
    """Its sixth point never comes."""

    def __getitem__(self, index: int) -> Any:
        if index == 5:
            NEVER.wait()  # the sixth point
        return super().__getitem__(index)


class Slow(Points):
    """Every point takes a moment."""

    def __getitem__(self, index: int) -> Any:
        NEVER.wait(0.05)
        return super().__getitem__(index)


class NeverReturns(Hook):
    """Hangs in the third iteration."""

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if runner.iter == 2:
            NEVER.wait()  # the hook


class KeepsTheLock(Hook):
    """Calls what never returns, with the interpreter's lock."""

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        ctypes.PyDLL(None).pause()  # the lock


class SlowCheckpoint(Hook):
    """Lets a checkpoint take longer than anything else may."""

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        NEVER.wait(1.5)


KINDS: dict[str, dict[str, Any]] = {
    "data": {"train_dataloader": loader(Stuck())},
    "worker": {"train_dataloader": loader(Stuck(), num_workers=1)},
    "hook": {"custom_hooks": [NeverReturns()]},
    "lock": {"custom_hooks": [KeepsTheLock()]},
    "slow": {
        "train_dataloader": loader(Slow(24)),
        "custom_hooks": [SlowCheckpoint()],
        "train_cfg": {"by_epoch": True, "max_epochs": 1},
    },
}


def train(kind: str, folder: str) -> None:
    """Train, or try to, in ``folder/kind``."""
    options = {**without_validation(), **KINDS[kind]}
    hooks = [HangHook(1.0, checkpoint_timeout=60), *options.pop("custom_hooks", [])]
    toy_runner(Path(folder, kind), custom_hooks=hooks, **options).train()


if __name__ == "__main__":
    place, *kinds = sys.argv[1:]
    has_fork = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if has_fork else "spawn")
    # What is imported late is imported once.
    toy_runner(Path(place, "first"), **without_validation()).prepare_training()
    processes = [context.Process(target=train, args=(kind, place)) for kind in kinds]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    codes = {kind: process.exitcode for kind, process in zip(kinds, processes, strict=True)}
    Path(place, "codes.json").write_text(json.dumps(codes), encoding="utf-8")
