"""What one rank has heard, all ranks know: at the same iteration, a second later, at no cost."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from engine_dist import get_rank, get_world_size
from engine_dist.collective_watch import own_store

__all__ = ["Agreement"]

logger = logging.getLogger(__name__)

_PERIOD_S: Final = 0.25  # between two looks at whether some rank has heard something
_CLOSE_S: Final = 0.01  # between two looks at what was decided, when one has
_RANKS: Final = 2000  # with more of them, each looks less often: one process answers all
_PATIENCE_S: Final = 60.0  # for the answer of a rank that may be dead
_numbers = itertools.count()


class Agreement:
    """Tells all ranks at the end of the same iteration what one of them has heard.

    A thread of each rank looks a few times a second for a word in the process group's store. When
    there is one, every rank says in which iteration it is, and all stop at the end of the latest
    of these. Until then an iteration costs no talk between ranks, however long or short it is.

    Args:
        heard: returns what this rank has heard, a positive number; 0 for nothing. The largest
            number of any rank counts.
        interval: the iterations, counted from here, at whose multiples all may stop.
        store: what the ranks have in common; by default that of the process group.
        rank: of this process; by default in the process group.
        world_size: how many ranks there are.
    """

    def __init__(
        self,
        heard: Callable[[], int],
        interval: int | None = None,
        *,
        store: Any = None,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        self._heard, self._interval = heard, interval or 1
        self._rank = get_rank() if rank is None else rank
        self._world_size = get_world_size() if world_size is None else world_size
        self._slowness = max(1.0, self._world_size / _RANKS)
        self._iteration = 0  # how many have ended
        self._told: int | None = None  # the iteration that the others were told: not to be passed
        self._end: tuple[int, int] | None = None  # after which to stop, and why
        self._is_decided, self._is_closed = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        if self._world_size > 1:
            self._store = own_store() if store is None else store
            self._prefix = f"engine/stop/{next(_numbers) if store is None else 0}/"
            self._thread = threading.Thread(target=self._watch, name="agreement", daemon=True)
            self._thread.start()

    def __call__(self) -> int:
        """Return what was heard if this is the iteration to stop after, and else 0.

        Every rank has to call it once at the end of every iteration.
        """
        if self._thread is None:
            return self._heard()
        with self._lock:
            self._iteration += 1
            told = self._told
        if told is None or self._iteration < told:
            return 0
        self._is_decided.wait(_PATIENCE_S)
        end = self._end
        return 0 if end is None or self._iteration < end[0] else end[1]

    def close(self) -> None:
        """Look no more."""
        self._is_closed.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _watch(self) -> None:
        try:
            while not self._is_closed.wait(_PERIOD_S * self._slowness):
                if self._heard():
                    self._store.set(f"{self._prefix}word", "1")
                if self._store.check([f"{self._prefix}word"]):
                    self._decide()
                    return
        except Exception as error:  # the store is gone, and with it the other ranks
            if not self._is_closed.is_set():
                logger.warning("ranks can no longer agree on a stop: %s", error)
        finally:
            self._is_decided.set()

    def _decide(self) -> None:
        """Say in which iteration this rank is, and find out after which all stop."""
        store, prefix = self._store, self._prefix
        with self._lock:
            self._told = self._iteration + 1
        store.set(f"{prefix}{self._rank}", f"{self._told} {self._heard()}")
        if store.add(f"{prefix}said", 1) == self._world_size:
            said = [
                [int(part) for part in store.get(f"{prefix}{rank}").split()]
                for rank in range(self._world_size)
            ]
            latest, word = (max(each) for each in zip(*said, strict=True))
            end = -(-latest // self._interval) * self._interval
            store.set(f"{prefix}end", f"{end} {word}")
        until = time.monotonic() + _PATIENCE_S
        while not store.check([f"{prefix}end"]):
            if self._is_closed.wait(_CLOSE_S * self._slowness) or time.monotonic() > until:
                return
        end, word = (int(part) for part in store.get(f"{prefix}end").split())
        self._end = end, word
