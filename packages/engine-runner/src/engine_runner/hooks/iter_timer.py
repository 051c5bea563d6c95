"""How long iterations take, and how long it will still take."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from engine_logging import MessageHub
from engine_logging.history_buffer import MAX_NEW
from engine_runner.hooks.bottleneck import data_verdict
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import num_batches
from engine_runner.protocols import RunnerLike

__all__ = ["IterTimerHook"]


class IterTimerHook(Hook):
    """Logs ``data_time`` and ``time`` of each iteration in seconds, and what is left as ``eta``.

    Both are times of the host, which doesn't wait for the device. The estimate takes the mean over
    the iterations of this run; a validation's own is over its iterations. At the end it says how
    much of the time the model waited for data, and what to do about it.

    Args:
        report_after: seconds of training from which on that is said.
    """

    priority = "NORMAL"

    def __init__(self, *, report_after: float = 10.0) -> None:
        self.report_after = report_after
        self._waits: Any = None
        self._over = 0.0
        self.t = 0.0
        self.start_iter = 0
        self._num_done = self._num_left = 0  # iterations of this run
        self._length: int | None = None  # batches of the evaluation that is going on
        self.time_sec_tot = 0.0
        self.time_sec_test_val = 0.0

    def before_train(self, runner: RunnerLike) -> None:
        """Begin to count."""
        self.start_iter = runner.iter
        self.time_sec_tot = 0.0
        self._num_done = 0
        self._num_left = (runner.max_iters or 0) - self.start_iter
        runner.message_hub.update_info("eta", 0.0)
        time_waits = getattr(runner.train_loop, "time_waits", None)
        self._waits = None if time_waits is None else time_waits()

    def after_train(self, runner: RunnerLike) -> None:
        """Say how much of the time the model waited for data."""
        if self._num_done and self.time_sec_tot >= self.report_after:
            said = self._report(runner)
            if said:
                runner.logger.info(said)

    def _report(self, runner: RunnerLike) -> str:
        waits, loop = self._waits, runner.train_loop
        if waits is None:  # a loop of somebody else's
            return ""
        return data_verdict(
            waits.first + waits.later,
            self.time_sec_tot,
            runner.train_dataloader,
            first=waits.first,
            prefetch=loop.prefetch,
        )

    def before_train_iter(self, runner: RunnerLike, batch_idx: int, data_batch: Any = None) -> None:
        """Log the time since the iteration before."""
        waited = perf_counter() - self.t
        scalars = runner.message_hub.log_scalars
        if "train/data_time" in scalars:  # without the hub's checks, from the second time on
            scalars["train/data_time"].pending.append(waited)
        else:
            runner.message_hub.update_scalar("train/data_time", waited)

    def before_val(self, runner: RunnerLike) -> None:
        """Put down how much of the next iteration's time is over: a validation isn't part of it."""
        self._over = perf_counter() - self.t

    def after_val(self, runner: RunnerLike) -> None:
        """Go on with the next iteration's time."""
        self.t = perf_counter() - self._over

    def _before_epoch(self, runner: RunnerLike, mode: str = "train") -> None:
        if mode != "train":
            self._length = num_batches(getattr(runner, f"{mode}_dataloader"))
        self.t = perf_counter()
        self.time_sec_test_val = 0.0

    def _before_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, mode: str = "train"
    ) -> None:
        _put_down(runner.message_hub, f"{mode}/data_time", perf_counter() - self.t)

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Log the time of this iteration."""
        now = perf_counter()
        elapsed, self.t = now - self.t, now
        self.time_sec_tot += elapsed
        self._num_done = done = self._num_done + 1
        hub = runner.message_hub
        scalars = hub.log_scalars
        if "train/time" in scalars:
            pending = scalars["train/time"].pending
            pending.append(elapsed)
            if len(pending) >= MAX_NEW:
                for key in scalars.keys() & {"train/time", "train/data_time"}:
                    scalars[key].settle()
        else:
            hub.update_scalar("train/time", elapsed)
        left = self._num_left - done
        hub.runtime_info["eta"] = self.time_sec_tot / done * left if left > 0 else 0.0

    def _after_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
        mode: str = "val",
    ) -> None:
        now = perf_counter()
        elapsed, self.t = now - self.t, now
        self.time_sec_test_val += elapsed
        left = 0 if self._length is None else self._length - batch_idx - 1
        hub = runner.message_hub
        _put_down(hub, f"{mode}/time", elapsed)
        hub.runtime_info["eta"] = self.time_sec_test_val / (batch_idx + 1) * left


def _put_down(hub: MessageHub, key: str, value: float) -> None:
    """``hub.update_scalar``, without the hub's checks from the second time on."""
    history = hub.log_scalars.get(key)
    if history is None:
        hub.update_scalar(key, value)
    else:
        history.update(value)
