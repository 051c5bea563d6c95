"""Checkpoint folder: what is in it, what is too old, and whether it can be written."""

from __future__ import annotations

import os
from collections.abc import Callable

from engine_checkpoint import numbers_in, remove_checkpoint
from engine_fileio import join_path, put, remove
from engine_runner.hooks.checkpoint_attributes import CheckpointAttributes
from engine_runner.hooks.retention import Retention, name_of
from engine_runner.protocols import RunnerLike

__all__ = ["CheckpointFolder"]


class CheckpointFolder(CheckpointAttributes):
    """The part of `CheckpointHook` that looks after the folder of checkpoints."""

    by_epoch: bool
    filename_tmpl: str

    _goes_on: bool
    _own: set[str]
    _retention: Retention
    _remove_left: Callable[[], None]  # the best ones, which `SavesBest` knows

    def _look_into(self, runner: RunnerLike) -> None:
        """Find out whether the folder can be written, and what was saved there before."""
        if "://" in str(self.out_dir) or self.out_dir != runner.work_dir:
            probe = self._in_folder(f".probe-{os.getpid()}")
            put(b"", probe, backend_args=self.backend_args)
            remove(probe, backend_args=self.backend_args)
        now = runner.epoch if self.by_epoch else runner.iter
        there: list[int] = []
        if now and self._goes_on:
            there = numbers_in(str(self.out_dir), self.filename_tmpl, self.backend_args)
        self._retention.kept = [number for number in there if number <= now]
        for number in self._retention.leaving(self._retention.kept):  # left by a killed process
            self._remove_numbered(number)

    def _remove_numbered(self, number: int) -> None:
        self._remove(self._in_folder(self.filename_tmpl.format(number)))
        self._retention.removed(number)

    def _in_folder(self, name: str) -> str:
        return join_path(str(self.out_dir), name, backend_args=self.backend_args)

    def _remove(self, address: str) -> None:
        remove_checkpoint(address, self.backend_args)

    def _has_written(self, address: str) -> bool:
        """Whether this training, or the one that it goes on with here, has saved a file."""
        return self._goes_on or name_of(address, "best_") in self._own

    def _prune(self, runner: RunnerLike) -> None:
        """Remove what couldn't be removed before."""
        try:
            self._remove_left()
            for number in self._retention.leaving(self._retention.kept):
                self._remove_numbered(number)
        except OSError as error:
            runner.logger.warning("an older checkpoint couldn't be removed: %s", error)
