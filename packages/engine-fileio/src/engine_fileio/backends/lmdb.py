"""Files in an LMDB database; their addresses are its keys."""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine_fileio.address import Address, local_path, posix, shown
from engine_fileio.atomic import Buffer, atomic_file
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.backends.lmdb_environment import (
    begin,
    lmdb,
    open_environment,
    read_value,
    translated,
    writing,
)
from engine_fileio.backends.lmdb_gate import gate
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.errors import already_there, is_folder, no_such_file
from engine_fileio.optional import require


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
        require("lmdb", extra="lmdb", what="LmdbBackend")
        self.db_path = os.fspath(local_path(db_path))
        self._options = {
            "readonly": readonly,
            "lock": lock or not readonly,
            "readahead": readahead,
            **kwargs,
        }
        self._opened: tuple[int, Any] = (0, None)

    def identity(self, filepath: Address) -> str:
        """The key that a new file gets."""
        return posix(filepath).strip("/")

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        pid, shared = self._opened
        if pid == os.getpid() and isinstance(filepath, str):  # as nearly all are read
            value = read_value(shared, filepath.encode("utf-8", "surrogateescape"))
            if value is not None:
                return value
        with self._transaction(buffers=False) as transaction:
            return bytes(self._value(transaction, filepath))

    def get_text(self, filepath: Address, encoding: str | None = None) -> str:
        """Return a file's text; ``encoding`` None is UTF-8."""
        return self.get(filepath).decode(encoding or "utf-8")

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file; the database grows where it must."""
        with writing():  # growing wants no other writer, either
            while not self._written(filepath, obj, overwrite=overwrite):
                pass

    def isfile(self, filepath: Address) -> bool:
        """Whether there is such a key."""
        with self._transaction() as transaction:
            return self._find(transaction, filepath) is not None

    def isdir(self, filepath: Address) -> bool:
        """Whether a key begins with the address and a slash."""
        with self._transaction() as transaction:
            return self._start(transaction, filepath) is not None

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it.

        A key that isn't UTF-8 comes as Python writes such a file's name: its bytes as surrogates.
        """
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        yield from folders.entries(self._names(dir_path), wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a key."""
        with writing(), self._transaction(write=True) as transaction:
            found = self._find(transaction, filepath)
            if found is not None:
                transaction.delete(found[0])
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
        with self._transaction() as transaction:
            value = self._value(transaction, src)
            size = len(value)
            with atomic_file(target) as file:
                file.write(value)
        if progress:
            progress(size, size)

    def _written(self, filepath: Address, obj: Buffer, *, overwrite: bool) -> bool:
        """Write a value; False if the database had to grow instead."""
        try:
            with self._transaction(write=True) as transaction:
                found = self._find(transaction, filepath)
                key = found[0] if found else _new_key(self._environment(), filepath)
                if not transaction.put(key, obj, overwrite=overwrite):
                    raise already_there(filepath)
        except lmdb().MapFullError:
            with gate().alone():
                environment = self._environment()
                size = environment.info()["map_size"]
                environment.set_mapsize(size + max(size, 2 * len(obj)))
            return False
        return True

    def _value(self, transaction: Any, filepath: Address) -> Any:
        found = self._find(transaction, filepath)
        if found is None:
            raise no_such_file(filepath, f"no such key in {self.db_path!r}")
        return found[1]

    def _find(self, transaction: Any, filepath: Address) -> tuple[bytes, Any] | None:
        """Key and value of an address: itself, if some tool has written it so, or its path."""
        longest = self._environment().max_key_size()
        for key in _keys(filepath):
            if 0 < len(key) <= longest:
                value = transaction.get(key)
                if value is not None:
                    return key, value
        return None

    def _start(self, transaction: Any, folder: Address) -> bytes | None:
        """What the keys in a folder begin with; None if there are none."""
        longest = self._environment().max_key_size()
        cursor = transaction.cursor()
        for key in _keys(folder):
            start = key.rstrip(b"/") + b"/" if key.strip(b"/") else b""
            found = len(start) <= longest and (cursor.set_range(start) if start else cursor.first())
            if found and bytes(cursor.key()).startswith(start):
                return start
        return None

    def _names(self, folder: Address) -> list[str]:
        """The keys in a folder, relative to it; no transaction stays open in between."""
        with self._transaction() as transaction:
            start = self._start(transaction, folder)
            if start is None:
                raise no_such_file(folder, f"no such keys in {self.db_path!r}")
            names, cursor = [], transaction.cursor()
            found = cursor.set_range(start) if start else cursor.first()
            while found and (key := bytes(cursor.key())).startswith(start):
                names.append(key[len(start) :].decode("utf-8", "surrogateescape"))
                found = cursor.next()
        return names

    @contextmanager
    def _transaction(self, *, write: bool = False, buffers: bool = True) -> Iterator[Any]:
        """A transaction; one that finds the database grown by another process begins anew."""
        if write and self._options["readonly"]:
            raise translated(lmdb().ReadonlyError(), self.db_path)
        self._environment()  # now, as who opens one waits for others' transactions to end
        try:
            with gate():
                begun = begin(self._environment(), write=write, buffers=buffers)
                if begun is not None:
                    with begun as transaction:
                        yield transaction
                    return
            with gate().alone():
                self._environment().set_mapsize(0)  # what it is now
        except lmdb().MapFullError:
            raise
        except lmdb().Error as error:
            raise translated(error, self.db_path) from error
        with self._transaction(write=write, buffers=buffers) as transaction:
            yield transaction

    @property
    def _client(self) -> Any:
        """The open database, under the name that MMEngine has for it."""
        return self._environment()

    def _environment(self) -> Any:
        pid, shared = self._opened
        if pid != os.getpid():
            shared = open_environment(self.db_path, self._options)
            self._opened = os.getpid(), shared
        return shared.environment

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_opened": (0, None)}


def _keys(filepath: Address) -> tuple[bytes, ...]:
    """The keys that an address may mean: as it is, then as a path without slashes at its ends."""
    text = os.fspath(filepath) if isinstance(filepath, str) else posix(filepath)
    plain = posix(text).strip("/")
    found = (text, plain) if text != plain else (plain,)
    return tuple(one.encode("utf-8", "surrogateescape") for one in found)


def _new_key(environment: Any, filepath: Address) -> bytes:
    key, longest = _keys(filepath)[-1], environment.max_key_size()
    if not key:
        raise ValueError("a key of LMDB cannot be empty")
    if len(key) > longest:
        message = f"a key of LMDB has {longest} bytes at most, this one has {len(key)}"
        raise OSError(errno.ENAMETOOLONG, message, shown(filepath))
    return key
