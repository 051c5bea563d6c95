"""Every event of the file system, one after the other, is the last one, or fails.

A short training is run for each event that it makes below its folder: a file opened to be written,
a name changed or removed, a folder made, a flush to the disk. Just before it the process ends as by
SIGKILL, or the event fails with EIO or ENOSPC. Then the training is resumed, and has to come to the
weights and the files of one that was never touched. Processes are forked, so that an event costs a
fraction of a second.
"""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["KINDS", "MODES", "sweep"]

MODES = ("sync", "async", "sharded")
KINDS = ("kill", "EIO", "ENOSPC")
_KILLED = 9
_FOLDERS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}


def sweep(folder: Path, mode: str, kind: str, *, every: int = 1) -> tuple[int, list[str]]:
    """Try the events of a training; return how many were tried, and what differed.

    Args:
        folder: an empty one, to work in.
        mode: of `MODES`: how checkpoints are written.
        kind: of `KINDS`: what happens at the event.
        every: try each so many-th event.
    """
    _train(folder / "warm", mode, at=0, kind="")  # what is imported now isn't by each child
    expected, count = _forked(lambda: _train(folder / "untouched", mode, at=0, kind="count"))
    wrong, tried = [], 0
    for number in range(1, count + 1, every):
        work_dir = folder / f"{number}"
        tried += 1
        _forked(lambda w=work_dir, n=number: _train(w, mode, at=n, kind=kind))  # type: ignore[misc]  # bound early
        found = _forked(lambda w=work_dir: _train(w, mode, at=0, kind="count", resume=True))  # type: ignore[misc]  # bound early
        if what := _difference(found, expected, is_killed=kind == "kill"):
            wrong.append(f"{mode}, {kind} at event {number}: {what}")
        shutil.rmtree(work_dir, ignore_errors=True)
    return tried, wrong


def _difference(found: Any, expected: Any, *, is_killed: bool) -> str:
    """What is wrong; what the disk has refused may be missing, but nothing may be too much."""
    if found is None:
        return "the resumed training did not end"
    weights, files = found[0]
    if weights != expected[0]:
        return "other weights"
    more = len(files) > len(expected[1]) or files[-1] != expected[1][-1]
    if more or (is_killed and files != expected[1]):
        return f"other files: {files}"
    return ""


def _forked(act: Callable[[], Any]) -> Any:
    """What ``act`` returns in a process of its own; None if that was killed or failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(act(), pipe)
            code = 0
        except OSError:
            pass  # a training that said that it couldn't be saved
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(data) if data else None


def _train(work_dir: Path, mode: str, *, at: int, kind: str, resume: bool = False) -> Any:
    """The weights and files that a training comes to, and how many events it made."""
    from small import small_runner

    events = _Events(work_dir, at, kind)
    if kind:
        events.listen()
    runner = small_runner(work_dir, mode, resume=resume)
    runner.train()
    weights = [each.flatten().tolist() for each in runner.model.state_dict().values()]
    return (weights, sorted(_names(work_dir))), events.count


def _names(work_dir: Path) -> Iterator[str]:
    for path in work_dir.iterdir():
        if path.suffix == ".pth" or path.name == "last_checkpoint":
            yield path.name


class _Events:
    """Counts what is done below a folder, and ends it."""

    def __init__(self, folder: Path, at: int, kind: str) -> None:
        self.folder, self.at, self.kind, self.count = str(folder), at, kind, 0

    def listen(self) -> None:
        sys.addaudithook(self._heard)
        flush = os.fsync

        def flushed(handle: int) -> None:
            self._happens(f"/proc/self/fd/{handle}")
            flush(handle)

        os.fsync = flushed

    def _heard(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if isinstance(path, str) and path.endswith((".pth", ".part", "last_checkpoint")):
                writes = writes or (isinstance(mode, str) and set(mode) & {"w", "a", "x"})
            if not writes or not isinstance(path, str | bytes):
                return
            if self._is_inside(path):
                self._happens(os.fsdecode(path))
        elif name in _FOLDERS and self._is_inside(arguments[0]):
            self._happens(os.fsdecode(arguments[0]))

    def _is_inside(self, path: Any) -> bool:
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        inside = text.removeprefix(self.folder)
        # What is logged is not what is saved.
        return inside != text and not any(mark in inside for mark in (".log", ".json", ".py"))

    def _happens(self, _: str) -> None:
        self.count += 1
        if self.count != self.at:
            return
        if self.kind == "kill":
            os._exit(_KILLED)
        number = getattr(errno, self.kind)
        raise OSError(number, os.strerror(number))
