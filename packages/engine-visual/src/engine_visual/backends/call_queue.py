"""Call queue: calls in order in a thread of their own, so that one that hangs holds nobody up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Final

__all__ = ["CallQueue", "Late"]

_MOST: Final = 1000  # calls that wait for one that hangs


class Late(Exception):
    """A call takes longer than was waited for, or waits for one that does."""


class _Job:
    def __init__(self, act: Callable[[], Any], fail: Callable[[BaseException], None]) -> None:
        self.act, self.fail = act, fail
        self.done, self.is_awaited = threading.Event(), True
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.act()
        except BaseException as error:  # raised in the caller, or handed to `fail`
            self.error = error
            if not self.is_awaited:
                self.fail(error)
        finally:
            self.done.set()


class CallQueue:
    """Makes calls one after the other in a daemon thread; who calls waits for a while.

    While one hangs, later ones are put beside it and not waited for, as many as may wait; it is
    the process's end that no longer waits for them.
    """

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job] = queue.Queue(_MOST)
        self._thread: threading.Thread | None = None
        self._late: _Job | None = None

    @property
    def is_held_up(self) -> bool:
        """Whether a call is hanging."""
        return self._late is not None and not self._late.done.is_set()

    @property
    def num_waiting(self) -> int:
        """How many calls wait for others."""
        return self._jobs.qsize()

    def call(
        self,
        act: Callable[[], Any],
        seconds: float,
        *,
        fail: Callable[[BaseException], None],
        is_last: bool = False,
    ) -> Any:
        """Return what ``act`` returns.

        Args:
            act: the call.
            seconds: how long to wait for it.
            fail: is told of its error if nobody waits any more; in the thread of the calls.
            is_last: wait for it also behind one that hangs.

        Raises:
            Late: it takes longer, or waits for one that hangs; it goes on, or will be made.
            queue.Full: too many wait already; it won't be made.
            BaseException: what it raises.
        """
        job = _Job(act, fail)
        if self.is_held_up and not is_last:
            job.is_awaited = False
            self._jobs.put_nowait(job)
            raise Late
        self._jobs.put(job, timeout=seconds)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="tracker", daemon=True)
            self._thread.start()
        if not job.done.wait(seconds):
            job.is_awaited, self._late = False, job
            raise Late
        if job.error is not None:
            raise job.error
        return job.result

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=60.0)
            except queue.Empty:
                return
            job.run()
