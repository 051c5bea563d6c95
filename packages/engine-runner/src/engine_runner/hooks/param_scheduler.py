"""Stepping learning rates and momenta."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine_optim import ReduceOnPlateauParamScheduler
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import is_skipped
from engine_runner.protocols import RunnerLike

__all__ = ["ParamSchedulerHook"]


class ParamSchedulerHook(Hook):
    """Steps each scheduler after each iteration or epoch, or after a validation if it needs one.

    A scheduler whose attribute ``clock`` is "step" takes part in the iterations that moved the
    weights alone.
    """

    priority = "LOW"

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Step those that count iterations, or the steps of the optimizer if it made one."""
        if not runner.param_schedulers:
            return
        has_stepped = runner.state.has_stepped
        for scheduler in _all(runner.param_schedulers):
            if scheduler.by_epoch or getattr(scheduler, "need_val_args", False):
                continue
            if has_stepped or getattr(scheduler, "clock", "iteration") == "iteration":
                scheduler.step()

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Step those that count epochs."""
        for scheduler in _all(runner.param_schedulers):
            if scheduler.by_epoch and not getattr(scheduler, "need_val_args", False):
                scheduler.step()

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Step those that look at a metric of the validation."""
        if metrics is None:
            return
        for scheduler in _all(runner.param_schedulers):
            if not getattr(scheduler, "need_val_args", False):
                continue
            name = getattr(scheduler, "monitor", None)
            if name in metrics or not is_skipped(runner.val_dataloader, str(name)):
                if isinstance(scheduler, ReduceOnPlateauParamScheduler):
                    by_epoch = getattr(runner.train_loop, "by_epoch", True)
                    scheduler.step(metrics, at=runner.epoch if by_epoch else runner.iter)
                else:
                    scheduler.step(metrics)


def _all(schedulers: Any) -> Iterator[Any]:
    """All schedulers of a list, or of a dict of lists; none while they are configs."""
    for group in schedulers.values() if isinstance(schedulers, dict) else [schedulers]:
        if isinstance(group, list | tuple):
            yield from group
