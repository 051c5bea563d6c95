"""Every event of the file system, one after the other, is the last one, or fails.

A short training is run for each event that it makes below its folder: a file opened to be written,
a name changed or removed, a folder made, a flush to the disk. Just before it the process ends as by
SIGKILL, or the event fails with EIO or ENOSPC. Then the training is resumed, and has to come to the
weights and the files of one that was never touched. Of two processes that train together it happens
to one. They are forked, so that an event costs a fraction of a second.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forks import forked

from engine_dist import free_port

__all__ = ["KINDS", "MODES", "sweep"]

# How checkpoints are written, and by how many processes.
MODES = {
    "sync": 1,
    "async": 1,
    "sharded": 1,
    "sync by two": 2,
    "async by two": 2,
    "sharded by two": 2,
}
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
    ranks = MODES[mode]
    _train(folder / "warm", mode, at=0, kind="")  # what is imported now isn't by each child
    untouched = _run(folder / "untouched", mode, [0] * ranks, kind="count")
    if None in untouched:
        sys.exit(f"{mode}: the training that was never touched did not end")
    wrong, tried = [], 0
    events = [(rank, at) for rank in range(ranks) for at in range(1, untouched[rank][1] + 1)]
    for rank, at in events[::every]:
        work_dir = folder / f"{rank}_{at}"
        tried += 1
        _run(work_dir, mode, [at if rank == each else 0 for each in range(ranks)], kind=kind)
        resumed = _run(work_dir, mode, [0] * ranks, kind="count", resume=True)
        found = None if None in resumed else resumed[0]
        if what := _difference(found, untouched[0][0], is_killed=kind == "kill"):
            wrong.append(f"{mode}, {kind} at event {at} of rank {rank}: {what}")
        shutil.rmtree(work_dir, ignore_errors=True)
    return tried, wrong


def _run(work_dir: Path, mode: str, at: list[int], *, kind: str, resume: bool = False) -> list[Any]:
    """What a training comes to in each of its processes, of which each has its event."""
    port = free_port() if len(at) > 1 else None

    def act(rank: int) -> Any:
        if port is not None:
            _join(rank, len(at), port)
        return _train(work_dir, mode, at=at[rank], kind=kind, resume=resume)

    return forked(act, ranks=len(at))


def _join(rank: int, size: int, port: int) -> None:
    for name, value in (("RANK", rank), ("WORLD_SIZE", size)):
        os.environ[name] = os.environ[f"LOCAL_{name}"] = str(value)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    os.environ["TORCH_CPP_LOG_LEVEL"] = "ERROR"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what gloo says of a peer that was killed


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
