"""How often to validate, when that changes during a training."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["IntervalPlan"]


class IntervalPlan:
    """The interval that is in force at each epoch or iteration.

    Args:
        interval: at the beginning.
        changes: (milestone, interval) pairs: the interval is in force when the epoch or iteration
            of that number, counted from 1, is the next one or is past.

    Raises:
        ValueError: milestones fall.
    """

    def __init__(self, interval: int, changes: list[tuple[int, int]] | None = None) -> None:
        pairs = [(0, interval), *(changes or [])]
        self._milestones = [milestone for milestone, _ in pairs]
        self._intervals = [each for _, each in pairs]
        if self._milestones != sorted(self._milestones):
            raise ValueError(f"dynamic_intervals: milestones must not fall, got {changes}")

    @property
    def changes(self) -> list[tuple[int, int]]:
        """The pairs of milestone and interval, the one from the beginning among them."""
        return [*zip(self._milestones, self._intervals, strict=True)]

    def after(self, done: int) -> int:
        """Return the interval that decides whether to validate after so many epochs or iterations.

        A change for 3 is in force after 2 are done, as in MMEngine.
        """
        return self._intervals[bisect_right(self._milestones, done + 1) - 1]
