"""Stopping in time: when a scheduler, a person or the clock asks, with a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from engine_checkpoint import LAST, point_to, remove_checkpoint
from engine_dist import is_main_process
from engine_fileio import get_text, join_path
from engine_runner.hooks.duration import seconds_of
from engine_runner.hooks.exit_codes import INTERRUPTED, TRY_AGAIN
from engine_runner.hooks.hook import Hook
from engine_runner.hooks.requeue import requeue_job
from engine_runner.hooks.retention import goes_on_here, name_of
from engine_runner.hooks.stop_agreement import Agreement
from engine_runner.hooks.stop_request import REASONS, StopRequest, time_left
from engine_runner.protocols import RunnerLike

__all__ = ["Preempted", "PreemptionHook"]

_RANKS: Final = 1 << 20
_KEY: Final = "preempted_ckpt"
_NAME: Final = "preempted_iter_"


class Preempted(SystemExit):
    """A training was stopped, and saved where it stood; uncaught, it ends the process quietly.

    Attributes:
        code: the exit code.
        reason: "SIGTERM", "SIGINT", "SIGUSR1" or "time limit".
        checkpoint: address of what was saved; None if it could not be.
    """

    def __init__(self, code: int, reason: str, checkpoint: str | None) -> None:
        super().__init__(code)
        self.reason = reason
        self.checkpoint = checkpoint

    def __str__(self) -> str:
        saved = f"saved as {self.checkpoint}" if self.checkpoint else "it could not be saved"
        return f"the training was stopped by {self.reason}; {saved}"


class PreemptionHook(Hook):
    """Saves and leaves when the training is asked to stop: by a signal on any rank, or the clock.

    All ranks stop after the same iteration, within two seconds and an iteration of a signal. The
    checkpoint is ``preempted_iter_N.pth`` in the work_dir, and a training that resumes goes on from
    it as if it had never been stopped. `Preempted` is raised then, which ends the process with an
    exit code that a scheduler can run it again for. A second Ctrl-C leaves at once. Before there is
    anything to save it is raised at once; in the last iteration it isn't: that ends by itself.

    In a thread that is not the main one no signal is heard, but the clock is, and other ranks are.

    Args:
        time_limit: how long the job may take, such as "23h50m"; counted from the beginning of
            slurm's job, or else from that of the training.
        requeue: whether slurm is asked to run the job again (``scontrol requeue``) after SIGUSR1,
            which it sends before the end if told to (``sbatch --signal=USR1@120``), and after
            ``time_limit``. After SIGTERM it isn't: the job may have been cancelled.
        signals: which ones are heard.
        exit_code: after anything but SIGINT, after which it is 130.
        interval: of several ranks, a number of iterations at whose multiples they may stop; None
            for the first at which all can, which is within two seconds of a signal.

    Raises:
        ValueError: an argument is none of what it can be.
    """

    priority = "LOWEST"

    def __init__(
        self,
        *,
        time_limit: str | float | timedelta | None = None,
        requeue: bool = False,
        signals: Sequence[str] = ("SIGTERM", "SIGINT", "SIGUSR1"),
        exit_code: int = TRY_AGAIN,
        interval: int | None = None,
    ) -> None:
        for name in signals:
            if name not in REASONS[1:]:
                raise ValueError(f"PreemptionHook: signals are of {REASONS[1:]}, got {name!r}")
        if interval is not None and interval < 1:
            raise ValueError(f"PreemptionHook: interval must be positive, got {interval}")
        self.time_limit = None if time_limit is None else seconds_of(time_limit)
        self.requeue = requeue
        self.signals = (*signals,)
        self.exit_code = exit_code
        self.interval = interval
        self._request: StopRequest | None = None
        self._agreement: Agreement | None = None

    def begin_listening(self, runner: RunnerLike) -> None:
        """Listen before anything is there that could be saved: what is heard then is the end."""
        self._close()
        self._request = StopRequest(
            self.signals, time_left(self.time_limit), at_once=self._leave_early
        )
        self._request.listen()

    def _leave_early(self, reason: str) -> None:
        raise Preempted(self._code(reason), reason, None)

    def before_train(self, runner: RunnerLike) -> None:
        """Let all ranks know what one has heard; from now on, an iteration is ended first."""
        if self._request is None:
            self.begin_listening(runner)
        if self._request is not None:
            self._request.at_once = None
        rank = runner.rank
        self._agreement = Agreement(lambda: self._word(rank), self.interval)

    def _word(self, rank: int) -> int:
        heard = None if self._request is None else self._request.heard
        return 0 if heard is None else (REASONS.index(heard) + 1) * _RANKS + rank

    def after_train_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Leave, if all ranks know that one was asked to.

        Raises:
            Preempted: they do.
        """
        if self._agreement is None:
            return
        agreed = self._agreement()
        if agreed:
            reason, rank = divmod(agreed, _RANKS)
            self._leave(runner, REASONS[reason - 1], rank)

    def _leave(self, runner: RunnerLike, reason: str, rank: int) -> None:
        where = f" on rank {rank}" if runner.world_size > 1 else ""
        if self.is_last_train_iter(runner):
            runner.logger.warning(
                "%s%s: this was the last iteration, and the training ends by itself",
                *(reason, where),
            )
            self._close()
            return
        code = self._code(reason)
        try:
            address = self._save(runner)
        except OSError as error:
            runner.logger.error(
                "%s%s: the training stops at iteration %d, and can't be saved: %s",
                *(reason, where, runner.iter + 1, error),
            )
            raise Preempted(code, reason, None) from error
        runner.logger.warning(
            "%s%s: the training stops at iteration %d, saved as %s; resume goes on from there. "
            "Exit code %d",
            *(reason, where, runner.iter + 1, address, code),
        )
        if self.requeue and reason in ("SIGUSR1", "time limit") and is_main_process():
            requeue_job()
        raise Preempted(code, reason, address)

    def _code(self, reason: str) -> int:
        return INTERRUPTED if reason == "SIGINT" else self.exit_code

    def _save(self, runner: RunnerLike) -> str:
        """Save, say so in ``last_checkpoint``, and remove what an earlier stop has left."""
        runner.call_hook("wait_for_saves")  # each names its own file as the last one
        name = f"{_NAME}{runner.iter + 1}.pth"
        address = str(join_path(runner.work_dir, name))
        hub = runner.message_hub
        before = self._left_behind(runner)
        hub.update_info(_KEY, address)
        runner.save_checkpoint(runner.work_dir, name, by_epoch=False)
        if is_main_process():
            point_to(address, runner.work_dir)
            if before and before != name:
                remove_checkpoint(str(join_path(runner.work_dir, before)))
        return address

    def after_train(self, runner: RunnerLike) -> None:
        """Stop listening; of a training that is over no stop's checkpoint is needed."""
        self._close()
        name = self._left_behind(runner)
        left = str(join_path(runner.work_dir, name))
        if name and is_main_process() and get_text(join_path(runner.work_dir, LAST)) != left:
            remove_checkpoint(left)

    @staticmethod
    def _left_behind(runner: RunnerLike) -> str:
        """The name of what an earlier stop of this training has saved here; else nothing."""
        if not goes_on_here(runner, [runner.work_dir]):
            return ""
        return name_of(runner.message_hub.get_info(_KEY), _NAME)

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Stop listening."""
        self._close()

    def end_listening(self, runner: RunnerLike) -> None:
        """Stop listening: the training couldn't begin."""
        self._close()

    def _close(self) -> None:
        if self._request is not None:
            self._request.close()
            self._request = None
        if self._agreement is not None:
            self._agreement.close()
            self._agreement = None
