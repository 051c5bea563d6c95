"""The ends of data workers: with the loop that read from them, and at the latest with the process.

A data worker leaves the first SIGTERM to the training, and Python, which sends its children one
when it ends, would wait for such a worker for ever. So a worker does that only where its parent
process has said that it will end it. Until a worker has begun to, signals are held back from it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from typing import Any

from torch.utils.data import DataLoader
from torch.utils.data._utils.worker import _worker_loop

__all__ = [
    "end_workers",
    "end_workers_at_exit",
    "end_workers_of",
    "hold_signals",
    "is_ended_by_parent",
    "let_signals_in",
    "watch_workers",
]

_PROMISED = "ENGINE_PROCESS_THAT_ENDS_ITS_DATA_WORKERS"  # its id; workers inherit it

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1") if hasattr(signal, name)
)

_iterators: weakref.WeakSet[Any] = weakref.WeakSet()
_at_exit: list[Finalize] = []


def watch_workers(iterator: Any) -> None:
    """See to it that the workers of a loader's iterator end with this process."""
    if hasattr(iterator, "_shutdown_workers"):
        _iterators.add(iterator)
        end_workers_at_exit()


def end_workers_at_exit() -> None:
    """See to it that all data workers end with this process; asked again, nothing changes."""
    # The finalizer of a process that this one was forked from doesn't run here.
    if not _at_exit or not _at_exit[-1].still_active():
        _at_exit[:] = [Finalize(None, _end_all, exitpriority=100)]
        os.environ[_PROMISED] = str(os.getpid())


def is_ended_by_parent() -> bool:
    """Whether this process is a worker that its parent process will end."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.environ.get(_PROMISED) == str(parent.pid)


@contextmanager
def hold_signals() -> Iterator[None]:
    """Keep what asks a training to stop from this thread, and from the processes that it starts."""
    if sys.platform == "win32":  # has no such masks
        yield
    else:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_in() -> None:
    """Hear in a worker what was held back while it was started."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def end_workers(iterator: Any) -> None:
    """End the processes behind a loader's iterator now, if it has any."""
    if not hasattr(iterator, "_shutdown_workers"):
        return
    iterator._shutdown_workers()
    workers = getattr(iterator, "_workers", None)
    for worker in workers if isinstance(workers, list) else []:  # torch's own; others end theirs
        if worker.is_alive():  # it was busy, and the one SIGTERM was not for it
            worker.kill()
            worker.join()


def end_workers_of(loaders: Any) -> None:
    """End the workers that persist of a loader, or of those in a list or by name."""
    inner = getattr(loaders, "loaders", loaders)
    if isinstance(inner, Mapping):
        inner = [*inner.values()]
    for loader in inner if isinstance(inner, list | tuple) else [inner]:
        if isinstance(loader, DataLoader):
            iterator, loader._iterator = loader._iterator, None
            end_workers(iterator)


def _end_all() -> None:
    for iterator in list(_iterators):
        end_workers(iterator)
    _kill(multiprocessing.active_children())  # those of loaders that others read


def _kill(children: Iterable[Any]) -> None:
    for child in children:
        if getattr(child, "_target", None) is _worker_loop:
            child.kill()
