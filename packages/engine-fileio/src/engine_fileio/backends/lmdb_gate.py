"""Who may use LMDB databases now: many threads at once, or one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition, RLock, get_ident


class Gate:
    """A lock that many threads share for a transaction, or one has alone.

    Alone is who resizes a map, which LMDB forbids during a transaction of the process, and who
    forks: a child in which another thread's transaction has stopped for ever could not close what
    its parent had open. Whoever waits to be alone goes before those who come to share.
    """

    def __init__(self) -> None:
        self._lock = RLock()  # quicker than the condition, whose own it is
        self._changed = Condition(self._lock)
        self._inside: dict[int, int] = {}  # thread: how many times
        self._alone: int | None = None
        self._waiting = 0

    def __enter__(self) -> None:
        """Share; a thread may do so again while it does."""
        me = get_ident()
        with self._lock:
            while self._alone or self._waiting:
                if me in self._inside or me == self._alone:
                    break
                self._changed.wait()
            self._inside[me] = self._inside.get(me, 0) + 1

    def __exit__(self, *error: object) -> None:
        me = get_ident()
        with self._lock:
            left = self._inside.pop(me) - 1
            if left:
                self._inside[me] = left
            elif self._waiting:
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be alone, as soon as no other thread shares or is."""
        self.close()
        try:
            yield
        finally:
            self.open()

    def close(self) -> None:
        """Wait until no other thread is here, and let none in."""
        me = get_ident()
        with self._lock:
            self._waiting += 1
            while self._alone or any(other != me for other in self._inside):
                self._changed.wait()
            self._waiting -= 1
            self._alone = me

    def open(self) -> None:
        """Let others in again."""
        with self._lock:
            self._alone = None
            self._changed.notify_all()


_gates = [Gate()]


def gate() -> Gate:
    """The gate of this process."""
    return _gates[0]


@cache
def close_when_forking() -> None:
    """Let every fork from now on happen while no other thread has a transaction."""
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(
            before=lambda: _gates[0].close(),
            after_in_parent=lambda: _gates[0].open(),
            after_in_child=lambda: _gates.__setitem__(0, Gate()),
        )
