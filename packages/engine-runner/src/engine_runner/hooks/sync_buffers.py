"""The same buffers on all ranks."""

from __future__ import annotations

from engine_dist import all_reduce_params
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["SyncBuffersHook"]


class SyncBuffersHook(Hook):
    """Averages buffers over all ranks after an epoch, and before a validation within one.

    Batch normalisation measures its data: on several ranks each has seen other samples, and would
    validate with statistics of its own. Buffers of integers are averaged and rounded down.
    """

    priority = "NORMAL"

    def __init__(self) -> None:
        self._is_synced = False

    def before_val_epoch(self, runner: RunnerLike) -> None:
        """Average, unless the epoch's end just did."""
        if not self._is_synced:
            self._sync(runner)
        self._is_synced = False

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Average."""
        self._sync(runner)
        self._is_synced = True

    def _sync(self, runner: RunnerLike) -> None:
        if runner.distributed:
            all_reduce_params([*runner.model.buffers()], op="mean")
