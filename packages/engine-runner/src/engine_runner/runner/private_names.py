"""Private names of MMEngine's runner, which libraries read and assign, and what they stand for."""

from __future__ import annotations

from typing import Any

from engine_runner.runner.delegation import forwarded
from engine_runner.runner.runner_parts import RunnerParts

__all__ = ["PrivateNames"]


def _loop(mode: str) -> Any:
    """The loop of a mode, or its config while it is not built yet."""

    def get(self: PrivateNames) -> Any:
        return self._loops.peek(mode)

    def put(self: PrivateNames, value: Any) -> None:
        self._loops.put(mode, value)

    return property(get, put)


def _requested(name: str) -> Any:
    """What was asked for under a name; a loop that is built later is made of it."""

    def get(self: PrivateNames) -> Any:
        return self._loops.requested[name]

    def put(self: PrivateNames, value: Any) -> None:
        self._loops.requested[name] = value

    return property(get, put)


class PrivateNames(RunnerParts):
    """Attributes by MMEngine's private names: a library's subclass may read and assign each.

    Each belongs to one part of the runner, and what is assigned counts there.
    """

    _train_loop = _loop("train")
    _val_loop = _loop("val")
    _test_loop = _loop("test")
    _train_dataloader = _requested("train_dataloader")
    _val_dataloader = _requested("val_dataloader")
    _test_dataloader = _requested("test_dataloader")
    _val_evaluator = _requested("val_evaluator")
    _test_evaluator = _requested("test_evaluator")

    _work_dir = forwarded("_info", "work_dir")
    _log_dir = forwarded("_info", "log_dir")
    _timestamp = forwarded("_info", "timestamp")
    _experiment_name = forwarded("_info", "experiment_name")
    _model_name = forwarded("_info", "model_name")
    _launcher = forwarded("_info", "launcher")
    _seed = forwarded("_info", "seed")
    _randomness_cfg = forwarded("_info", "randomness")
    _resume = forwarded("_info", "resume")
    _load_from = forwarded("_info", "load_from")
    _has_loaded = forwarded("_checkpointer", "has_loaded")

    @property
    def _hooks(self) -> Any:
        return self._hook_table.hooks

    @_hooks.setter
    def _hooks(self, hooks: Any) -> None:
        self._hook_table.hooks[:] = hooks
