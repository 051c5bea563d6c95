"""Numbers of a history: read from arrays and states, and divided as numpy does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["TOTALS", "check_window", "checked_state", "extreme", "floats_of", "listed", "ratio"]

TOTALS = ("num_left_out", "num", "sum", "count_sum", "lowest", "highest")


def checked_state(state: Mapping[str, Any]) -> tuple[tuple[Any, Any], dict[str, Any]]:
    """Return values with their counts, and the totals, of the state of a history.

    Raises:
        ValueError: it holds what is no history.
    """
    totals = {name: state[name] for name in TOTALS}
    lists = (state["log_history"], state["count_history"])
    if (
        not all(isinstance(each, int | float) for each in totals.values())
        or not all(isinstance(each, list | tuple) for each in lists)
        or not all(isinstance(each, int | float) for values in lists for each in values)
        or not all(isinstance(each, int) for each in (state["max_length"], totals["num"]))
    ):
        raise ValueError("the state of a history is no numbers, or not such as belong there")
    return lists, totals


def listed(values: Any) -> list[Any]:
    """Return a sequence as a list; numpy lists an array many times faster than a loop does."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def ratio(total: float, count: float) -> np.float64:
    """Return ``total / count`` as numpy counts: nan or inf for a zero count, without a warning."""
    if count:
        return np.float64(total / count)
    with np.errstate(all="ignore"):
        ratio: np.float64 = np.float64(total) / np.float64(count)
    return ratio


def check_window(window_size: Any) -> None:
    """Make sure that a window is a number of values, or None for all.

    Raises:
        TypeError: it is no int.
        ValueError: it is not positive.
    """
    if window_size is not None and not isinstance(window_size, int):
        raise TypeError(f"window_size must be an int or None, got {window_size!r}")
    if window_size is not None and window_size < 1:
        raise ValueError(f"window_size must be at least 1, got {window_size}")


def floats_of(pending: list[Any], window_size: int | None) -> list[float]:
    """Return a window's values, newest first, if all of them are pending floats; else nothing."""
    if type(window_size) is not int or not 0 < window_size <= len(pending):
        return []
    latest = pending[: -window_size - 1 : -1]
    return latest if {*map(type, latest)} == {float} else []


def extreme(choose: Callable[[list[Any]], Any], values: list[Any], kind: Any) -> Any:
    """Return what ``choose`` takes from values, as numpy's ``kind``; nan if one of them is nan.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("the history is empty: it has no value before an update")
    chosen = math.nan if any(each != each for each in values) else choose(values)
    return np.asarray(chosen, kind)[()]
