"""Giving unused memory back to the device."""

from __future__ import annotations

from typing import Any

from engine_dist.accelerator import empty_cache, get_device
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["EmptyCacheHook"]


class EmptyCacheHook(Hook):
    """Gives memory that torch holds, and no tensor uses, back to the accelerator.

    Torch keeps freed memory to be quick at the next allocation, so this costs time; it helps where
    memory is fragmented or another process needs it. On a CPU it does nothing.

    Args:
        before_epoch: before every pass over data: of training, validation and test.
        after_epoch: after every pass.
        after_iter: after every batch.
    """

    priority = "NORMAL"

    def __init__(
        self, before_epoch: bool = False, after_epoch: bool = True, after_iter: bool = False
    ) -> None:
        self._device = get_device()
        stages = {"before_epoch": before_epoch, "after_epoch": after_epoch}
        stages["after_iter"] = after_iter
        for stage, is_wanted in stages.items():
            if is_wanted:  # a stage that isn't there costs nothing
                setattr(self, f"_{stage}", self._release)

    def _release(self, runner: RunnerLike, **_: Any) -> None:
        empty_cache(self._device)
