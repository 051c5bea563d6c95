"""How often to validate, when that changes during a training."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["IntervalPlan"]


class IntervalPlan:
    """The interval that is in force at each epoch or iteration.

    Args:
        interval: at the beginning.
        changes: (milestone, interval) pairs: from the milestone on, that interval.

    Raises:
        ValueError: milestones don't rise.
    """

    def __init__(self, interval: int, changes: list[tuple[int, int]] | None = None) -> None:
        pairs = [(0, interval), *(changes or [])]
        self._milestones = [milestone for milestone, _ in pairs]
        self._intervals = [each for _, each in pairs]
        if self._milestones != sorted(set(self._milestones)):
            raise ValueError(f"dynamic_intervals: milestones must rise from 1, got {changes}")

    @property
    def changes(self) -> list[tuple[int, int]]:
        """The pairs of milestone and interval, the one from the beginning among them."""
        return [*zip(self._milestones, self._intervals, strict=True)]

    def at(self, step: int) -> int:
        """Return the interval at an epoch or iteration, counted from 0."""
        return self._intervals[bisect_right(self._milestones, step) - 1]
