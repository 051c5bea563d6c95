"""Stepping learning rates and momenta."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["ParamSchedulerHook"]


class ParamSchedulerHook(Hook):
    """Steps each scheduler after each iteration or epoch, or after a validation if it needs one."""

    priority = "LOW"

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Step those that count iterations."""
        _step(runner, lambda scheduler: not scheduler.by_epoch)

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Step those that count epochs."""
        _step(runner, lambda scheduler: scheduler.by_epoch)

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Step those that look at a metric of the validation."""
        if metrics is None:
            return
        for scheduler in _all(runner.param_schedulers):
            if getattr(scheduler, "need_val_args", False):
                scheduler.step(metrics)


def _step(runner: RunnerLike, wanted: Callable[[Any], bool]) -> None:
    for scheduler in _all(runner.param_schedulers):
        if wanted(scheduler) and not getattr(scheduler, "need_val_args", False):
            scheduler.step()


def _all(schedulers: Any) -> Iterator[Any]:
    """All schedulers of a list, or of a dict of lists."""
    if schedulers is None:
        return
    for group in schedulers.values() if isinstance(schedulers, dict) else [schedulers]:
        yield from group
