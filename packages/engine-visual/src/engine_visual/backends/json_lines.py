"""JSON lines that only grow, in a local file or in whatever store the address names."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Protocol

import engine_fileio
from engine_fileio.backends import LocalBackend

__all__ = ["Lines", "LocalLines", "RemoteLines", "open_lines"]

_UPLOAD_EVERY_S = 30.0


class Lines(Protocol):
    """A text file to which lines are added."""

    def add(self, line: str) -> None:
        """Add a line, given with its line end."""

    def close(self) -> None:
        """Let go of the file, complete."""


class LocalLines:
    """A file that stays open; each line is with the system before `add` returns.

    A crash of the process loses nothing. A line that an earlier crash of the machine left
    unfinished is cut off.

    Args:
        path: the file; its folder is made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file: io.FileIO | None = None

    def add(self, line: str) -> None:
        """Append ``line`` in one write, or nothing of it.

        Raises:
            OSError: the disk is full, say.
        """
        if self._file is None:
            self._file = self._opened()
        data = line.encode()
        if self._file.write(data) != len(data):  # the disk filled up in the middle
            _cut_unfinished(self.path)
            raise OSError(f"{self.path}: only a part of a line could be written; is the disk full?")

    def close(self) -> None:
        """Close the file; `add` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> io.FileIO:
        if self.path.exists():
            _cut_unfinished(self.path)
        return self.path.open("ab", buffering=0)


class RemoteLines:
    """An object of a store that cannot append: kept here, uploaded whole now and then.

    An upload is due 30 seconds after the last one and at the end, so a crash loses at most that.

    Args:
        address: where; what is there already stays at the beginning.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        there = engine_fileio.exists(address)
        self._parts = [engine_fileio.get_text(address)] if there else []
        self._changed = False
        self._uploaded = time.monotonic()

    def add(self, line: str) -> None:
        """Keep ``line``, and upload all if that is due."""
        self._parts.append(line)
        self._changed = True
        if time.monotonic() - self._uploaded > _UPLOAD_EVERY_S:
            self._upload()

    def close(self) -> None:
        """Upload what has not been."""
        if self._changed:
            self._upload()

    def _upload(self) -> None:
        self._uploaded = time.monotonic()
        text = "".join(self._parts)
        self._parts = [text]
        engine_fileio.put_text(text, self.address)
        self._changed = False


def open_lines(address: str) -> Lines:
    """Return lines at ``address``, a local path or one that engine_fileio knows."""
    if isinstance(engine_fileio.get_file_backend(address), LocalBackend):
        return LocalLines(address)
    return RemoteLines(address)


def _cut_unfinished(path: Path) -> None:
    """Remove what stands after the last line end."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        block = b""
        while size and b"\n" not in block:
            step = min(size, 1 << 16)
            size -= step
            block = _read(file, size, step) + block
        file.truncate(size + block.rfind(b"\n") + 1)


def _read(file: io.BufferedRandom, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)
