"""How long something takes."""

from __future__ import annotations

from time import perf_counter
from typing import Any

__all__ = ["Timer", "TimerError", "check_time"]

_timers: dict[str, Timer] = {}


class TimerError(Exception):
    """A timer was asked that doesn't run."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class Timer:
    """Tells the seconds since it was started, and since it was last asked.

    As a context it prints the time that the context took.

    Args:
        start: whether to start at once.
        print_tmpl: what to print, the seconds filled in; by default ``{:.3f}``.
    """

    def __init__(self, start: bool = True, print_tmpl: str | None = None) -> None:
        self._is_running = False
        self.print_tmpl = print_tmpl or "{:.3f}"
        if start:
            self.start()

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._is_running

    def __enter__(self) -> Timer:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        print(self.print_tmpl.format(self.since_last_check()))  # noqa: T201 - what it is for
        self._is_running = False

    def start(self) -> None:
        """Start; one that runs already goes on."""
        if not self._is_running:
            self._t_start = perf_counter()
            self._is_running = True
        self._t_last = perf_counter()

    def since_start(self) -> float:
        """Return the seconds since it was started.

        Raises:
            TimerError: it doesn't run.
        """
        self._check()
        self._t_last = perf_counter()
        return self._t_last - self._t_start

    def since_last_check(self) -> float:
        """Return the seconds since it was last asked, or started.

        Raises:
            TimerError: it doesn't run.
        """
        self._check()
        last, self._t_last = self._t_last, perf_counter()
        return self._t_last - last

    def _check(self) -> None:
        if not self._is_running:
            raise TimerError("timer is not running: call start() first")


def check_time(timer_id: str) -> float:
    """Return the seconds since this was last called with the same name; 0 for the first time."""
    if timer_id not in _timers:
        _timers[timer_id] = Timer()
        return 0
    return _timers[timer_id].since_last_check()
