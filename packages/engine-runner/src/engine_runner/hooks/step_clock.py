"""Splitting time into named parts, on the host or on a device that runs behind it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

__all__ = ["PARTS", "StepClock"]

PARTS: Final = ("data", "transfer", "forward", "backward", "optimizer", "hooks")
_HOST: Final = ("data", "hooks")  # what the device knows only as a gap


class StepClock:
    """Adds up the time of each part of an iteration; of a device's, without waiting for it.

    `mark` ends a part and begins the next. On a device each mark is an event in its stream, and
    times between events are read when they are complete. The gap between two iterations is, on
    the device, the wait for data as far as the host waited for them, and the hooks' otherwise.

    Args:
        done: called with the seconds of each part of an iteration that is complete.
        make_event: makes an event of the device; None times the host.
        now: the host's clock, in seconds.

    Attributes:
        totals: seconds of each part, of all iterations that are complete.
    """

    def __init__(
        self,
        done: Callable[[dict[str, float]], None],
        make_event: Callable[[], Any] | None = None,
        *,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._done, self._make_event, self._now = done, make_event, now
        self.totals = dict.fromkeys(PARTS, 0.0)
        self.part = ""  # that is going on; none of PARTS isn't counted
        self._since = 0.0
        self._parts = dict.fromkeys(PARTS, 0.0)
        self._marks: deque[tuple[str, float, Any]] = deque()
        self._free: list[Any] = []  # events to be used again
        self._gap_s = 0.0
        self._gap = dict.fromkeys(_HOST, 0.0)

    def mark(self, part: str) -> None:
        """Begin ``part``, and end what was going on."""
        if part == self.part:
            return
        now = self._now()
        if self._make_event is not None:
            event = self._free.pop() if self._free else self._make_event()
            event.record()
            self._marks.append((part, now, event))
        elif self.part in self._parts:
            self._parts[self.part] += now - self._since
        self.part, self._since = part, now

    def turn(self) -> None:
        """Say that an iteration begins; on a device, it is found when it is read."""
        if self._make_event is None:
            self._finish()
        else:
            self._marks.append(("turn", 0.0, None))

    def read(self) -> None:
        """Take in what the device has done by now; nothing is waited for."""
        marks = self._marks
        while len(marks) > 1:
            name, begin, event = marks[0]
            if name == "turn":
                marks.popleft()
                self._close_gap()
                self._finish()
                continue
            place = 1 if marks[1][2] is not None else 2
            if len(marks) <= place or not marks[place][2].query():
                return
            _, end, later = marks[place]
            self._take(name, event.elapsed_time(later) / 1e3, end - begin)
            self._free.append(event)
            marks.popleft()

    def _take(self, name: str, on_device: float, on_host: float) -> None:
        if name in _HOST:
            self._gap_s += on_device
            self._gap[name] += on_host
        elif name in self._parts:
            self._parts[name] += on_device

    def _close_gap(self) -> None:
        data = min(self._gap["data"], self._gap_s)
        self._parts["data"] += data
        self._parts["hooks"] += self._gap_s - data
        self._gap_s, self._gap = 0.0, dict.fromkeys(_HOST, 0.0)

    def _finish(self) -> None:
        parts, self._parts = self._parts, dict.fromkeys(PARTS, 0.0)
        if not parts["forward"]:
            self._parts["data"] = parts["data"]  # of before the first iteration
            return
        for name, seconds in parts.items():
            self.totals[name] += seconds
        self._done(parts)
