"""Parallel read: a file's bytes, once, in parts by several threads, each summed while cached."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

__all__ = ["Part", "Sum", "Target", "read_parts"]

_BLOCK: Final = 1 << 20  # bytes that are read, and then summed, at once
# os.preadv, which Windows hasn't
_read_at: Callable[[int, list[memoryview], int], int] | None = getattr(os, "preadv", None)
_MOST_THREADS: Final = 4  # of a process: several ranks may read at once


class Sum(Protocol):
    """What is fed with bytes, in their order."""

    def update(self, data: memoryview, /) -> Any:
        """Take bytes."""


class Target(NamedTuple):
    """Where the bytes from a place on go."""

    begin: int
    view: memoryview

    @property
    def end(self) -> int:
        """The place after them."""
        return self.begin + len(self.view)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Bytes from ``begin`` to before ``end``, with a sum of their own."""

    begin: int
    end: int
    sum: Sum


def read_parts(file: BinaryIO, parts: Sequence[Part], targets: Sequence[Target]) -> None:
    """Read parts of a file, and feed the sum of each.

    Args:
        file: a file.
        parts: what is read.
        targets: where bytes go, in the order of their places; no two overlap. Bytes that go nowhere
            are summed alone.

    Raises:
        EOFError: the file is shorter.
        OSError: it can't be read.
    """
    fill = _filler(file)
    begins = [each.begin for each in targets]

    def read(part: Part) -> None:
        at, index = part.begin, max(0, bisect_right(begins, part.begin) - 1)
        while at < part.end:
            while index < len(targets) and targets[index].end <= at:
                index += 1
            target = targets[index] if index < len(targets) else None
            stop = min(part.end, at + _BLOCK)
            if target is None or target.begin > at:
                stop = stop if target is None else min(stop, target.begin)
                view = memoryview(bytearray(stop - at))
            else:
                stop = min(stop, target.end)
                view = target.view[at - target.begin : stop - target.begin]
            fill(view, at)
            part.sum.update(view)
            at = stop

    threads = min(_MOST_THREADS, len(parts), _num_cores()) if _is_shared(file) else 1
    if threads < 2 or sum(part.end - part.begin for part in parts) < 4 * _BLOCK:
        for part in parts:
            read(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(read, part) for part in parts]:
            done.result()


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_shared(file: BinaryIO) -> bool:
    """Whether several threads can read a file at places of their own."""
    raw = file.raw if isinstance(file, io.BufferedReader) else file
    return isinstance(raw, io.FileIO) and _read_at is not None


def _filler(file: BinaryIO) -> Callable[[memoryview, int], None]:
    """Return what fills a view with a file's bytes from a place on."""
    if _is_shared(file) and _read_at is not None:
        handle, read_at = file.fileno(), _read_at

        def some(view: memoryview, at: int) -> int:
            return read_at(handle, [view], at)
    else:

        def some(view: memoryview, at: int) -> int:
            file.seek(at)
            count: int = file.readinto(view)  # type: ignore[attr-defined]  # every binary file has it
            return count or 0

    def fill(view: memoryview, at: int) -> None:
        done = 0
        while done < len(view):
            count = some(view[done:], at + done)
            if not count:
                raise EOFError
            done += count

    return fill
