"""Who is missing: every collective is announced here, so that one that hangs can say for whom.

Entering a collective costs one assignment. Only when one has not returned for `report_after`
seconds, or has failed, does this process write where it stands to the group's store and read
where the others stand; who has not written, or stands elsewhere, is named.
"""

from __future__ import annotations

import atexit
import json
import logging
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from torch._C._distributed_c10d import HashStore, PrefixStore, TCPStore
from torch.distributed import ProcessGroup, distributed_c10d

from engine_dist.errors import CollectiveError
from engine_dist.group import get_rank, group_ranks, is_distributed

__all__ = ["Call", "Standing", "own_store", "standing", "start_watch", "stop_watch"]

logger = logging.getLogger(__name__)

_GRACE_S = 3.0  # how long a failed call waits for the others to say where they stand
_POLL_S = 0.2
_INSIDE = ("engine_dist", "torch.")

_counts: Counter[str] = Counter()
_running: Call | None = None
_last: Call | None = None
_watch: _Watch | None = None


class Call:
    """A collective while it runs: ``with Call("all_reduce", group): ...``.

    Raises:
        CollectiveError: in place of a RuntimeError from within; names the missing ranks.
    """

    __slots__ = ("group", "key", "name", "number", "outer", "since", "thread")

    def __init__(self, name: str, group: ProcessGroup | None) -> None:
        self.name = name
        self.group = group

    def __enter__(self) -> None:
        global _last, _running
        self.key = "" if self.group is None else self.group.group_name
        _counts[self.key] += 1
        self.number = _counts[self.key]
        self.since = time.monotonic()
        self.thread = threading.get_ident()
        self.outer, _running = _running, self
        _last = self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _running
        _running = self.outer
        if isinstance(error, RuntimeError) and not isinstance(error, CollectiveError):
            elapsed = time.monotonic() - self.since
            absent = "" if _watch is None else _watch.board.wait_and_compare(self)
            cause = str(error).strip().split("\n")[0]
            message = f"{self} failed after {elapsed:.1f} s: {absent or 'no rank is missing'}"
            raise CollectiveError(f"{message}. {type(error).__name__}: {cause}") from error

    def __str__(self) -> str:
        return f"{self.name} (call {self.number} of its group, {self.where()})"

    def where(self) -> str:
        """file:line of the call: the innermost frame of its thread that is the user's."""
        frame: FrameType | None = sys._current_frames().get(self.thread)
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            if not module.startswith(_INSIDE):
                return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
            frame = frame.f_back
        return "unknown"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where this process stands among its collectives.

    Attributes:
        number: how many it has begun, in all groups together.
        last: the last one that it began, with its number and for how long it has been in it.
        is_inside: whether it is in one.
    """

    number: int
    last: str
    is_inside: bool


def standing() -> Standing:
    """Return where this process stands; may be called from another thread than the collectives."""
    number, running, last = sum(_counts.values()), _running, _last
    if running is not None:
        text = f"{running}, begun {time.monotonic() - running.since:.1f} s ago"
    elif last is not None:
        text = f"{last.name} (call {last.number} of its group), finished"
    else:
        text = "none"
    return Standing(number=number, last=text, is_inside=running is not None)


@dataclass(frozen=True)
class _Board:
    """Where each rank stands, in the store of the default group."""

    store: Any  # c10d's stores have no common type that says what they can do

    def write(self, call: Call) -> None:
        stand = {"name": call.name, "number": call.number, "where": call.where()}
        self.store.set(_key(call, get_rank()), json.dumps(stand))

    def compare(self, call: Call) -> str:
        """Say who of the call's group stands elsewhere, or nothing."""
        found = []
        for rank in group_ranks(call.group):
            if rank != get_rank() and (text := self._elsewhere(call, rank)):
                found.append(text)
        return "; ".join(found)

    def _elsewhere(self, call: Call, rank: int) -> str:
        key = _key(call, rank)
        stand = json.loads(self.store.get(key)) if self.store.check([key]) else None
        if stand is None or stand["number"] < call.number:
            return f"rank {rank} has not come"
        if (stand["name"], stand["number"]) != (call.name, call.number):
            return (
                f"rank {rank} is in {stand['name']} (call {stand['number']} of its group, "
                f"{stand['where']})"
            )
        return ""

    def wait_and_compare(self, call: Call) -> str:
        """Give the others a moment to write, then say who stands elsewhere."""
        try:
            self.write(call)
            end = time.monotonic() + _GRACE_S
            while (absent := self.compare(call)) and time.monotonic() < end:
                time.sleep(_POLL_S)
            return absent
        except RuntimeError as error:  # the process that keeps the store is gone
            return f"the process that keeps the store cannot be reached ({type(error).__name__})"


def _key(call: Call, rank: int) -> str:
    return f"engine_dist/{call.key}/{rank}"


class _Watch(threading.Thread):
    """Looks now and then whether this process has been in one collective for long."""

    def __init__(self, board: _Board, report_after_s: float) -> None:
        super().__init__(name="engine-dist-watch", daemon=True)
        self.board = board
        self._report_after_s = report_after_s
        self._end = threading.Event()

    def run(self) -> None:
        reported: Call | None = None
        while not self._end.wait(min(1.0, self._report_after_s / 4)):
            call = _running
            if call is None or call is reported:
                continue
            waited = time.monotonic() - call.since
            if waited < self._report_after_s:
                continue
            absent = self.board.wait_and_compare(call)
            if absent and call is _running:
                logger.warning("waiting for %.0f s in %s: %s", waited, call, absent)
            reported = call

    def stop(self) -> None:
        self._end.set()
        if self is not threading.current_thread():
            self.join()


def start_watch(report_after_s: float) -> None:
    """Begin to watch this process's collectives; warn when one takes ``report_after_s``."""
    global _watch
    stop_watch()
    _counts.clear()
    _watch = _Watch(_Board(own_store()), report_after_s)
    _watch.start()
    atexit.register(stop_watch)


def stop_watch() -> None:
    """End the watch, if there is one."""
    global _watch
    if _watch is not None:
        _watch.stop()
        _watch = None


def own_store() -> Any:
    """Return a connection to the default group's store that other threads' calls can't block.

    Its keys have no prefix: take names of your own. Alone, it is a new store of this process.
    """
    if not is_distributed():
        return HashStore()
    store: Any = distributed_c10d._get_default_store()
    while isinstance(store, PrefixStore):
        store = store.underlying_store
    if isinstance(store, TCPStore):
        return TCPStore(store.host, store.port, is_master=False, wait_for_workers=False)
    return store
