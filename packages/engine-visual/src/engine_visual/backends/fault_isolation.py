"""A tracker never ends a training: what a back-end's methods raise is logged, counted and told."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from engine_logging.rank import current_rank
from engine_visual.backends.call_queue import CallQueue, Late
from engine_visual.backends.errors import TrackerError

__all__ = ["CONTAINED", "Contains", "Misses", "contained"]

logger = logging.getLogger(__name__)

CONTAINED = ("add_config", "add_graph", "add_image", "add_scalar", "add_scalars", "close")
_REST_PER_SECOND = 20.0


class Misses:
    """What a back-end failed to record.

    A call that took long to fail (a server that does not answer) is followed by a rest of 20 times
    as long, in which calls are missed without being tried: a broken tracker costs a training at
    most a twentieth of its time. A call that fails at once costs nothing and is followed by none.

    Args:
        owner: the back-end's name, for the messages.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.counts: Counter[str] = Counter()
        self.first: BaseException | None = None
        self._logged: set[tuple[str, type[BaseException]]] = set()
        self._rest_until = 0.0

    def resting(self) -> bool:
        """Whether the next call is not worth trying."""
        return self._rest_until > 0.0 and time.monotonic() < self._rest_until

    def skip(self, method: str) -> None:
        """Count a call that was not tried."""
        self.counts[method] += 1

    def add(self, method: str, error: BaseException, *, seconds: float) -> None:
        """Count a call that failed after ``seconds``; log each kind of error once."""
        self.counts[method] += 1
        self.first = self.first or error
        self._rest_until = time.monotonic() + seconds * _REST_PER_SECOND if seconds > 0.1 else 0.0
        kind = (method, type(error))
        if kind in self._logged or isinstance(error, TrackerError):  # its cause was logged
            return
        self._logged.add(kind)
        logger.warning(
            "%s.%s failed, the run goes on without what it was to record "
            "(strict=True raises instead): %s: %s",
            self.owner,
            method,
            type(error).__name__,
            error,
            exc_info=error,
        )

    def tell(self) -> None:
        """Say what was missed since the last time, if anything was."""
        if not self.counts:
            return
        parts = ", ".join(f"{count} of {method}" for method, count in sorted(self.counts.items()))
        logger.warning(
            "%s missed %d calls (%s); the first error was %s: %s",
            self.owner,
            self.counts.total(),
            parts,
            type(self.first).__name__,
            self.first,
        )
        self.counts.clear()
        self.first = None


class Contains(Protocol):
    """What `contained` needs of a back-end."""

    strict: bool
    misses: Misses
    calling: set[int]
    started_at: float
    timeout_s: float | None
    stays: frozenset[str]
    lane: CallQueue

    def start(self) -> None:
        """Make the run."""


def contained(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``method`` run in the main process only, and let none of its errors out.

    A method that another one of the same back-end calls is left alone: the outermost call is what
    was asked for and what is missed. ``KeyboardInterrupt`` passes; ``SystemExit`` does not, for
    some trackers exit.
    """
    name = method.__name__

    @wraps(method)
    def call(self: Contains, *args: Any, **kwargs: Any) -> Any:
        thread = threading.get_ident()
        if thread in self.calling:
            return method(self, *args, **kwargs)
        if current_rank() != 0:
            return None
        if name != "close" and self.misses.resting():
            return self.misses.skip(name)
        self.calling.add(thread)
        start = time.monotonic()
        try:
            if self.timeout_s is None or name in self.stays:
                return method(self, *args, **kwargs)
            return _in_lane(self, name, lambda: method(self, *args, **kwargs))
        except (Late, queue.Full):
            return None
        except (Exception, SystemExit) as error:
            if self.strict:
                raise
            seconds = time.monotonic() - max(start, self.started_at)
            return self.misses.add(name, error, seconds=seconds)
        finally:
            self.calling.discard(thread)
            if name == "close":
                self.misses.tell()

    return call


def _in_lane(owner: Contains, name: str, act: Callable[[], Any]) -> Any:
    """Make a call in the back-end's own thread; the run itself is made in the caller's.

    Raises:
        Late: it takes longer than was waited for, which the log says once.
        queue.Full: too many calls wait for one that hangs.
    """
    lane, misses = owner.lane, owner.misses
    is_last = name == "close"

    def inner() -> Any:
        thread = threading.get_ident()
        owner.calling.add(thread)
        try:
            return act()
        finally:
            owner.calling.discard(thread)

    if not is_last and not lane.is_held_up:
        owner.start()
    assert owner.timeout_s is not None  # else the call is made where it was asked for
    was_held_up = lane.is_held_up
    try:
        return lane.call(
            inner,
            owner.timeout_s,
            fail=lambda error: misses.add(name, error, seconds=0.0),
            is_last=is_last,
        )
    except Late:
        if is_last:
            for _ in range(lane.num_waiting):
                misses.skip("those that waited")
            misses.first = misses.first or TrackerError("a call hangs")
            misses.skip(name)
        elif not was_held_up:
            logger.warning(
                "%s.%s hangs for more than %g s: the run goes on, and what is to be recorded waits "
                "for it",
                *(misses.owner, name, owner.timeout_s),
            )
        raise
    except queue.Full as error:
        misses.first = misses.first or TrackerError("a call hangs, and too many wait for it")
        misses.skip(name)
        raise error
