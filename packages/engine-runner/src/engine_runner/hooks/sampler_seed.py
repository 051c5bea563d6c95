"""Telling samplers which epoch it is."""

from __future__ import annotations

from typing import Any

from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["DistSamplerSeedHook"]


class DistSamplerSeedHook(Hook):
    """Calls ``set_epoch`` of the sampler, or of the batch sampler's, before each epoch."""

    priority = "NORMAL"

    def before_train_epoch(self, runner: RunnerLike) -> None:
        """Tell the epoch."""
        loader = runner.train_loop.dataloader
        sampler: Any = getattr(loader, "sampler", None)
        inner: Any = getattr(getattr(loader, "batch_sampler", None), "sampler", None)
        for each in (sampler, inner):
            if hasattr(each, "set_epoch"):
                each.set_epoch(runner.epoch)
                return
