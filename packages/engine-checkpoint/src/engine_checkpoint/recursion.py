"""Room on the stack of Python for values that are nested as deep as a checkpoint holds them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["DEEPEST", "room_for_nesting"]

DEEPEST: Final = 200  # levels
_CALLS_A_LEVEL: Final = 15
_lock = threading.Lock()
_users: list[int] = []  # for each, the limit that it found


@contextmanager
def room_for_nesting() -> Iterator[None]:
    """Allow as many calls inside one another as `DEEPEST` levels need, whoever calls."""
    with _lock:
        before = _users[0] if _users else sys.getrecursionlimit()
        _users.append(before)
        sys.setrecursionlimit(max(before, sys.getrecursionlimit(), _depth() + _needed()))
    try:
        yield
    finally:
        with _lock:
            _users.pop()
            if not _users:
                sys.setrecursionlimit(before)


def _needed() -> int:
    return DEEPEST * _CALLS_A_LEVEL


def _depth() -> int:
    """How many calls are going on."""
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
