"""Telling samplers which epoch it is."""

from __future__ import annotations

from engine_runner.hooks.hook import Hook
from engine_runner.loaders import tell_epoch
from engine_runner.protocols import RunnerLike

__all__ = ["DistSamplerSeedHook"]


class DistSamplerSeedHook(Hook):
    """Calls ``set_epoch`` of the sampler, or of the batch sampler's, before each epoch."""

    priority = "NORMAL"

    def before_train_epoch(self, runner: RunnerLike) -> None:
        """Tell the epoch."""
        tell_epoch(runner.train_loop.dataloader, runner.epoch)
