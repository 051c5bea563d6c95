"""A training that stands still says where, and ends."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from engine_dist.collective_watch import own_store
from engine_runner.hooks.duration import seconds_of
from engine_runner.hooks.hook import Hook
from engine_runner.hooks.watchdog import Pulse, Watchdog
from engine_runner.protocols import RunnerLike

__all__ = ["HangHook"]

_LONGEST_S: Final = 5.0  # between two looks
_SHORTEST_S: Final = 0.1
_PATIENCE: Final = 4  # checkpoints may take so many times longer
_LOCKED: Final = 1.5  # and a lock of the interpreter, after which others have had time to tell more

_runs = count()


class HangHook(Hook):
    """Ends a job of which a rank stands still, and tells which rank, and where it is.

    A rank goes on as long as batches are begun or finished, or collectives of `engine_dist` begun.
    If none is for ``timeout``, all ranks write their Python stacks and their last collective into
    ``hang/rank_N.txt`` in the log_dir of the run, which is in its work_dir; ``hang/README.txt`` and
    the log name the rank that the others wait for; and all processes end with the exit code 124.
    Stacks of the loaders' worker processes aren't written. A thread that keeps the interpreter's
    lock is waited for half as long again; its process ends with 1 then.

    A breakpoint is a hang, too, and so is a compilation of the model that takes longer.

    Args:
        timeout: how long nothing may happen, such as "30m".
        checkpoint_timeout: the same while a checkpoint is read or written, and at the start and the
            end; None for four times ``timeout``.

    Raises:
        ValueError, TypeError: it is no length of time.
    """

    priority = "HIGHEST"

    def __init__(
        self,
        timeout: str | float | timedelta = "30m",
        *,
        checkpoint_timeout: str | float | timedelta | None = None,
    ) -> None:
        self.timeout = seconds_of(timeout)
        longer = checkpoint_timeout
        self.checkpoint_timeout = None if longer is None else seconds_of(longer)
        self.beats = 0
        self._stage = ""
        self._patient_at = -1  # the beat until whose successor a checkpoint is the matter
        self._doctor: Watchdog | None = None

    def before_run(self, runner: RunnerLike) -> None:
        """Begin to watch."""
        self._close()
        self._stage = "start"
        self._be_patient()
        self._doctor = Watchdog(
            lambda: self._pulse(runner),
            own_store(),
            # The store outlives what torchrun starts anew, and runs that follow each other.
            f"engine_hang/{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}/{next(_runs)}",
            folder=Path(runner.log_dir, "hang"),
            lock_s=self.timeout * _LOCKED,
            rank=runner.rank,
            world_size=runner.world_size,
            interval_s=min(max(self.timeout / 10, _SHORTEST_S), _LONGEST_S),
            logger=runner.logger,
        )
        self._doctor.start()

    def _pulse(self, runner: RunnerLike) -> Pulse:
        is_patient = self._patient_at == self.beats
        longer = self.checkpoint_timeout or self.timeout * _PATIENCE
        return Pulse(
            beats=self.beats,
            stage=f"{self._stage}, at a checkpoint" if is_patient else self._stage,
            iteration=runner.iter,
            limit_s=longer if is_patient else self.timeout,
        )

    def _be_patient(self) -> None:
        """A checkpoint is read or written until the next beat."""
        self.beats += 1
        self._patient_at = self.beats

    def _beat(self, *_: Any, **__: Any) -> None:
        self.beats += 1

    # All that it costs in an iteration.
    before_train_iter = after_train_iter = _beat
    before_val_iter = after_val_iter = _beat
    before_test_iter = after_test_iter = _beat

    def _before_epoch(self, runner: RunnerLike, mode: str = "train") -> None:
        self.beats += 1
        self._stage = mode

    def _after_epoch(self, runner: RunnerLike, mode: str = "train") -> None:
        self.beats += 1

    def after_val(self, runner: RunnerLike) -> None:
        """Back to training, if there was one."""
        self.beats += 1
        self._stage = "train"

    def before_save_checkpoint(self, runner: RunnerLike, checkpoint: dict[str, Any]) -> None:
        """Be patient."""
        self._be_patient()

    def after_train(self, runner: RunnerLike) -> None:
        """Be patient: the last checkpoint may still be written."""
        self._be_patient()

    def after_run(self, runner: RunnerLike) -> None:
        """Watch no longer."""
        self._close()

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Watch no longer; if other ranks wait for this one, they will know why."""
        self._close(error)

    def _close(self, error: BaseException | None = None) -> None:
        doctor, self._doctor = self._doctor, None
        if doctor is not None:
            doctor.close(error)
