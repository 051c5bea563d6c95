"""Who asks a training to stop: a signal, or the clock."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Final

from engine_dist import is_main_process
from engine_runner.hooks.exit_codes import JOB_START

__all__ = ["REASONS", "StopRequest", "time_left"]

# The later one counts more, where ranks hear different ones.
REASONS: Final = ("time limit", "SIGUSR1", "SIGTERM", "SIGINT")
_TOLD: Final = b"\nstopping when this iteration is saved; once more leaves at once\n"
# An agent passes on what the terminal has sent to all processes already.
_SAME_S: Final = 1.0


class StopRequest:
    """Remembers that this process was asked to stop, and for what reason.

    A second SIGINT does what it did before. Other signals that come again change nothing:
    schedulers repeat them. Processes that this one forks, such as data workers, ignore them all,
    so that the iteration that is going on can end.

    Args:
        signals: names of the signals to hear; those that the system lacks are left out. Only the
            main thread can hear them.
        seconds: how long after `listen` the clock asks; None for never.
        at_once: is called with the name of a signal that is heard.

    Attributes:
        heard: which of `REASONS`, if any.
        at_once: as given; it may be taken back.
    """

    def __init__(
        self,
        signals: Sequence[str],
        seconds: float | None = None,
        *,
        at_once: Callable[[str], None] | None = None,
    ) -> None:
        self.at_once = at_once
        self.heard: str | None = None
        self._signals = [*signals]
        self._seconds = seconds
        self._before: dict[int, Any] = {}
        self._timer: threading.Timer | None = None
        self._owner = 0
        self._when = 0.0

    def listen(self) -> None:
        """Begin."""
        self.close()
        self.heard, self._owner = None, os.getpid()
        if self._seconds is not None and self._seconds <= 0:
            self._time_is_up()
        elif self._seconds is not None:
            self._timer = threading.Timer(self._seconds, self._time_is_up)
            self._timer.daemon = True
            self._timer.start()
        if threading.current_thread() is not threading.main_thread():
            return
        for name in self._signals:
            number = getattr(signal, name, None)
            # What was set by no Python code can't be put back, and is none of our business.
            if number is not None and (before := signal.getsignal(number)) is not None:
                self._before[number] = before
                signal.signal(number, self._hear)

    def close(self) -> None:
        """End, and let every signal do what it did before."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
            self._timer = None
        while self._before:
            number, before = self._before.popitem()
            if signal.getsignal(number) == self._hear:
                signal.signal(number, before)

    def _time_is_up(self) -> None:
        if self.heard is None:
            self.heard = REASONS[0]

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            return
        if self.at_once is not None:
            self.at_once(signal.Signals(number).name)
        if number != signal.SIGINT:
            if self.heard is None:
                self.heard = signal.Signals(number).name
            return
        if self.heard == "SIGINT":
            if "TORCHELASTIC_RUN_ID" in os.environ and time.monotonic() - self._when < _SAME_S:
                return
            self._leave(number, frame)
            return
        self.heard, self._when = "SIGINT", time.monotonic()
        if is_main_process():
            with contextlib.suppress(OSError, ValueError):  # there may be no stderr to write to
                os.write(sys.__stderr__.fileno(), _TOLD)  # type: ignore[union-attr]  # suppressed

    def _leave(self, number: int, frame: FrameType | None) -> None:
        before = self._before.get(number, signal.default_int_handler)
        self.close()
        if callable(before):
            before(number, frame)
        else:
            raise KeyboardInterrupt


def time_left(limit_s: float | None) -> float | None:
    """Return the seconds until a job's time limit; it began when slurm says, or else now."""
    if limit_s is None:
        return None
    told = next(filter(None, map(os.environ.get, JOB_START)), "")
    began = float(told) if told.replace(".", "", 1).isdigit() else time.time()
    return limit_s - (time.time() - began)
