"""A folder of files that are kept under keys, shared by any number of processes.

A file gets its name when it is whole. Whoever wants a missing one first fetches it while the
others wait: the lock is the operating system's, which lets go of it when a process dies. A file
is lent as a hard link, so that it outlives its removal from the cache. Its checksum is looked at
whenever it is lent; a file that the disk has damaged is fetched again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from engine_fileio.atomic import write_bytes
from engine_fileio.file_lock import lock, unlock
from engine_fileio.optional import later

Fetch = Callable[[Path], bool | None]
"""Makes the file, whole or not at all; False if it isn't what the key says, and not to be kept."""

_BLOCK = 1024 * 1024
_SLACK = 32  # the size is looked at anew when a process has added this fraction of the limit
_LEFT_AFTER = 0.9  # of the limit, when files had to go
_FORGOTTEN = 7 * 24 * 3600.0  # seconds, after which what a dead process had borrowed goes


class FileCache:
    """Files under keys.

    Args:
        folder: where they are; made on first use.
        limit: bytes; what was used least recently goes when there are more. None: no limit.

    The limit is kept to within one thirty-second for each process that adds files.
    """

    def __init__(self, folder: Path, *, limit: int | None = None) -> None:
        if limit is not None and limit <= 0:
            raise ValueError(f"the limit of a cache must be above 0 bytes, got {limit}")
        self._folder = folder
        self._limit = limit
        self._added = limit or 0  # unknown: look at the first chance
        self._counting = Lock()

    def read(self, key: str, size: int, fetch: Fetch) -> bytes:
        """Return a file's bytes; ``fetch`` writes it to a path if it is not here.

        Args:
            key: at least 3 letters and digits.
            size: in bytes; a file of another size counts as missing. -1: any will do.
            fetch: see ``Fetch``.
        """
        with self.borrow(key, size, fetch, name="file") as path:
            return path.read_bytes()

    @contextmanager
    def borrow(self, key: str, size: int, fetch: Fetch, *, name: str) -> Iterator[Path]:
        """Give a path called ``name`` to read the file at, for the time of the block."""
        lent = self._folder / "lent"
        self._make_way(lent / f"{key}.none")
        with later("tempfile").TemporaryDirectory(dir=lent) as own:
            path = Path(own) / name
            if not self._lend(key, size, path):
                with self._locked(key[:3]):
                    # whoever was quicker has it now
                    if not self._lend(key, size, path) and fetch(path) is not False:
                        self._keep(key, path)
            yield path

    def remember(self, key: str, text: str) -> None:
        """Keep a line of text under a key."""
        self._record(self._folder / "seen" / key[:2] / key, text.encode())

    def recall(self, key: str) -> str | None:
        """The line of text that was kept under a key, or None; so if it is damaged."""
        try:
            return (self._folder / "seen" / key[:2] / key).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def _record(self, path: Path, data: bytes) -> None:
        self._make_way(path)
        write_bytes(path, data)

    def _make_way(self, path: Path) -> None:
        """Let ``path`` become a file: a folder may be in its place, or a file in its folder's."""
        for folder in reversed([path.parent, *path.parent.relative_to(self._folder).parents]):
            place = self._folder / folder
            if os.path.lexists(place) and not place.is_dir():
                place.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            later("shutil").rmtree(path, ignore_errors=True)

    def _lend(self, key: str, size: int, path: Path) -> bool:
        kept = self._place(key)
        if kept.is_dir():
            return False  # somebody's: `_keep` makes way
        try:
            os.utime(kept)  # used just now
            _link(kept, path)
        except (FileNotFoundError, NotADirectoryError):  # it is not here, or went this moment
            return False
        if size in (-1, path.stat().st_size) and self._sum_of(key) == _checksum(path):
            return True
        kept.unlink(missing_ok=True)  # the disk has damaged it
        path.unlink()
        return False

    def _keep(self, key: str, path: Path) -> None:
        kept = self._place(key)
        self._make_way(kept)
        if os.name != "nt":  # there, what is read-only could not be removed
            path.chmod(0o444)  # a borrower who wrote to it would change it for all
        self._record(self._sum_place(key), _checksum(path))
        with suppress(FileExistsError):
            _link(path, kept)
        if self._limit is None:
            return
        with self._counting:
            self._added += path.stat().st_size
            if self._added < self._limit // _SLACK:
                return
            self._added = 0
        with self._locked("size"):
            self._make_room(self._limit)

    def _make_room(self, limit: int) -> None:
        found = []
        for kept in self._folder.glob("files/*/*"):
            with suppress(FileNotFoundError):
                stat = kept.stat()
                found.append((stat.st_mtime_ns, stat.st_size, kept))
        total = sum(size for _, size, _ in found)
        if total > limit:
            for _, size, kept in sorted(found):
                with suppress(OSError):  # a folder, say
                    kept.unlink(missing_ok=True)
                self._sum_place(kept.name).unlink(missing_ok=True)
                total -= size
                if total <= limit * _LEFT_AFTER:
                    break
        for own in self._folder.glob("lent/*"):
            with suppress(FileNotFoundError):
                if time.time() - own.stat().st_mtime > _FORGOTTEN:
                    later("shutil").rmtree(own, ignore_errors=True)

    def _place(self, key: str) -> Path:
        return self._folder / "files" / key[:2] / key

    def _sum_place(self, key: str) -> Path:
        return self._folder / "sums" / key[:2] / key

    def _sum_of(self, key: str) -> bytes:
        try:
            return self._sum_place(key).read_bytes()
        except OSError:
            return b""

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        path = self._folder / "locks" / name
        self._make_way(path)
        with path.open("ab") as file:
            lock(file.fileno())
            try:
                yield
            finally:
                unlock(file.fileno())

    def __getstate__(self) -> dict[str, object]:
        return {key: value for key, value in vars(self).items() if key != "_counting"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state, _counting=Lock())


def _checksum(path: Path) -> bytes:
    """The CRC-32 of a file, as text: it finds what a disk has damaged."""
    crc32, found = later("zlib").crc32, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = crc32(block, found)
    return b"crc32 %08x" % found


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:  # no hard links on this file system
        draft = target.with_name(f".{target.name}.{os.getpid()}.part")
        later("shutil").copyfile(source, draft)
        draft.replace(target)
