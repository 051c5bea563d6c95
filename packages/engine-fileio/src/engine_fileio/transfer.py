"""Many files at a time, in order, in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeVar

from engine_fileio.address import shown
from engine_fileio.optional import later

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

S = TypeVar("S")
T = TypeVar("T")


def ordered_map(
    act: Callable[[S], T], items: Iterable[S], *, workers: int, ahead: int | None = None
) -> Iterator[T]:
    """Yield ``act(item)`` for every item, in order, ``workers`` at a time.

    At most ``ahead`` results (twice the workers, if None) are under way or waiting to be
    taken, so memory is bounded however many items there are; ``items`` is read lazily.
    The first error ends it: what has not begun is not done any more.

    Raises:
        ValueError: ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    return map(act, items) if workers == 1 else _threaded(act, items, workers, ahead=ahead)


def _threaded(
    act: Callable[[S], T], items: Iterable[S], workers: int, *, ahead: int | None
) -> Iterator[T]:
    limit = max(workers, ahead or 2 * workers)
    waiting: deque[Future[T]] = deque()
    pool: ThreadPoolExecutor = later("concurrent.futures").ThreadPoolExecutor(workers)
    try:
        for item in items:
            if len(waiting) >= limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(act, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class Turns:
    """Lets those who want the same name act one after the other, in the order they took a turn.

    What takes turns has to be begun in that order, too, as `ordered_map` does.
    """

    def __init__(self) -> None:
        self._last: dict[str, Event] = {}
        self._lock = Lock()

    def take(self, name: str) -> Callable[[], AbstractContextManager[None]]:
        """Take the next turn; what is returned makes a context that waits for it."""
        own = Event()
        with self._lock:
            before, self._last[name] = self._last.get(name), own

        @contextmanager
        def turn() -> Iterator[None]:
            if before is not None:
                before.wait()
            try:
                yield
            finally:
                own.set()
                with self._lock:
                    if self._last.get(name) is own:
                        del self._last[name]

        return turn


def naming(path: str | os.PathLike[str], error: Exception, doing: str = "reading") -> Exception:
    """``error`` itself if its message has ``path``, else with a note that does."""
    if os.fspath(path) not in str(error):
        error.add_note(f"while {doing} {shown(path)!r}")
    return error
