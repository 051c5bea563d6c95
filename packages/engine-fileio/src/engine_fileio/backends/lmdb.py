"""Files in an LMDB database; their addresses are its keys."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from engine_fileio.address import Address, posix
from engine_fileio.atomic import Buffer, atomic_file
from engine_fileio.backends import tree
from engine_fileio.backends.base import BaseStorageBackend, Progress, Suffix
from engine_fileio.errors import already_there, is_folder, no_such_file
from engine_fileio.optional import require

_MAP_SIZE = 1 << 30  # bytes; it grows when it is full


class LmdbBackend(BaseStorageBackend):
    """Files in an LMDB database; their addresses are its keys.

    The database is opened on first use, and again in a forked or spawned process.

    Args:
        db_path: the database's folder or, with ``subdir=False`` in ``kwargs``, file.
        readonly: open it to read only.
        lock: guard readers against writers of other processes; always so when writing.
        readahead: let the system read ahead: for databases smaller than the memory.
        kwargs: for ``lmdb.open``.
    """

    is_local = True

    def __init__(
        self,
        db_path: Address,
        readonly: bool = True,
        lock: bool = False,
        readahead: bool = False,
        **kwargs: Any,
    ) -> None:
        self.db_path = os.fspath(db_path)
        self._options = {
            "readonly": readonly,
            "lock": lock or not readonly,
            "readahead": readahead,
            **kwargs,
        }
        self._opened: tuple[int, Any] = (0, None)
        require("lmdb", extra="lmdb", what="LmdbBackend")

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        with self._environment().begin() as transaction:
            value = transaction.get(_key(filepath))
        if value is None:
            raise no_such_file(filepath, f"no such key in {self.db_path!r}")
        return bytes(value)

    def get_text(self, filepath: Address, encoding: str | None = None) -> str:
        """Return a file's text; ``encoding`` None is UTF-8."""
        return self.get(filepath).decode(encoding or "utf-8")

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file; the database grows where it must."""
        environment, key = self._environment(), _key(filepath)
        with _writing:  # growing wants no other writer, either
            while not _written(environment, key, obj, overwrite=overwrite):
                pass

    def isfile(self, filepath: Address) -> bool:
        """Whether there is such a key."""
        with self._environment().begin(buffers=True) as transaction:
            return transaction.get(_key(filepath)) is not None

    def isdir(self, filepath: Address) -> bool:
        """Whether a key begins with the address and a slash."""
        return any(True for _ in self._below(filepath))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        wanted = tree.Wanted(list_dir, list_file, suffix, recursive=recursive)
        names = list(self._below(dir_path))  # no transaction stays open in between
        if not names:
            raise no_such_file(dir_path, f"no such keys in {self.db_path!r}")
        yield from tree.entries(names, wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a key."""
        with _writing, self._environment().begin(write=True) as transaction:
            if transaction.delete(_key(filepath)):
                return
        raise is_folder(filepath) if self.isdir(filepath) else no_such_file(filepath)

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a local file into the database, without taking it into memory."""
        size = Path(src).stat().st_size
        if size == 0:
            self.put(b"", target)
        else:
            with (
                Path(src).open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole,
                memoryview(whole) as view,
            ):
                self.put(view, target)
        if progress:
            progress(size, size)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to a local path, without taking it into memory."""
        with self._environment().begin(buffers=True) as transaction:
            value = transaction.get(_key(src))
            if value is None:
                raise no_such_file(src, f"no such key in {self.db_path!r}")
            size = len(value)
            with atomic_file(target) as file:
                file.write(value)
        if progress:
            progress(size, size)

    def _below(self, folder: Address) -> Iterator[str]:
        start = _key(folder).rstrip(b"/") + b"/" if os.fspath(folder).strip("/") else b""
        with self._environment().begin(buffers=True) as transaction:
            cursor = transaction.cursor()
            found = cursor.set_range(start) if start else cursor.first()
            while found and bytes(cursor.key()).startswith(start):
                yield bytes(cursor.key())[len(start) :].decode()
                found = cursor.next()

    def _environment(self) -> Any:
        pid, environment = self._opened
        if pid != os.getpid():
            environment = _open(self.db_path, self._options)
            self._opened = os.getpid(), environment
        return environment

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_opened": (0, None)}


# LMDB forbids to open a database twice in a process, and to use one across a fork: back-ends of
# one database share it, with the settings of the first. It is closed when the last of them goes.
_opened: WeakValueDictionary[Path, Any] = WeakValueDictionary()
_opening, _writing = Lock(), Lock()  # lmdb 2.0 refuses the second writer of a process
_of_parents: list[Any] = []


def _open(path: str, options: dict[str, Any]) -> Any:
    key = Path(path).resolve()
    with _opening:
        environment = _opened.get(key)
        if environment is None:
            _close_in_forked_children()
            _close_parents()
            environment = _opened[key] = _open_now(path, options)
        elif environment.flags()["readonly"] and not options["readonly"]:
            raise PermissionError(
                f"{path!r} is open for reading in this process, and cannot be opened for writing "
                f"too: make the back-end with readonly=False first"
            )
    return environment


@cache
def _close_in_forked_children() -> None:
    """Let every child that is forked from now on know that what is open is its parent's."""
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=_leave_to_parent)


def _leave_to_parent() -> None:
    """Forget the parent's databases.

    Since lmdb 2, one that was open in the parent counts as open in the child, and can't be opened
    there before the child's copy is closed. With lmdb 1 that closing, or the collection of the
    copy, would free the parent's place in the table of readers: so the copies stay.
    """
    global _opening, _writing
    _opening, _writing = Lock(), Lock()  # threads of the parent may have held them
    _of_parents.extend(_opened.values())
    _opened.clear()


def _close_parents() -> None:
    """Close what a parent had open, where lmdb wants that; not before the child opens one itself.

    A thread of the parent that was reading when it forked may hold what closing waits for.
    """
    if not require("lmdb", extra="lmdb", what="LmdbBackend").__version__.startswith("1."):
        while _of_parents:
            _of_parents.pop().close()


def _open_now(path: str, options: dict[str, Any]) -> Any:
    lmdb = require("lmdb", extra="lmdb", what="LmdbBackend")
    if options["readonly"] and not Path(path).exists():
        raise no_such_file(path, "no such database")
    if not options["readonly"]:
        options = {"map_size": _MAP_SIZE, **options}
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    return lmdb.open(path, **options)


def _written(environment: Any, key: bytes, obj: Buffer, *, overwrite: bool) -> bool:
    """Write a value; False if the database had to grow instead."""
    try:
        with environment.begin(write=True) as transaction:
            if not transaction.put(key, obj, overwrite=overwrite):
                raise already_there(key.decode())
    except require("lmdb", extra="lmdb", what="LmdbBackend").MapFullError:
        size = environment.info()["map_size"]
        environment.set_mapsize(size + max(size, 2 * len(obj)))
        return False
    return True


def _key(filepath: Address) -> bytes:
    key = posix(filepath).strip("/").encode()
    if not key:
        raise ValueError("a key of LMDB cannot be empty")
    return key
