"""Which hook comes first."""

from __future__ import annotations

from difflib import get_close_matches
from enum import Enum

from engine_runner.errors import UnknownPriorityError

__all__ = ["Priority", "get_priority"]


class Priority(Enum):
    """Levels of priority; the lower the number, the earlier."""

    HIGHEST = 0
    VERY_HIGH = 10
    HIGH = 30
    ABOVE_NORMAL = 40
    NORMAL = 50
    BELOW_NORMAL = 60
    LOW = 70
    VERY_LOW = 90
    LOWEST = 100


def get_priority(priority: int | str | Priority) -> int:
    """Return a priority as a number from 0, the first, to 100, the last.

    Raises:
        ValueError: a number out of range.
        UnknownPriorityError: there is no such name.
        TypeError: neither number, name nor `Priority`.
    """
    if isinstance(priority, Priority):
        return priority.value
    if isinstance(priority, int):
        if not 0 <= priority <= 100:
            raise ValueError(f"priority must lie in [0, 100], got {priority}")
        return priority
    if not isinstance(priority, str):
        raise TypeError(f"priority must be an int, a name or a Priority, got {priority!r}")
    try:
        return Priority[priority.upper()].value
    except KeyError:
        known = [each.name for each in Priority]
        near = get_close_matches(priority.upper(), known) or known
        raise UnknownPriorityError(
            f"no priority is called {priority!r}; {', '.join(near)} would be"
        ) from None
