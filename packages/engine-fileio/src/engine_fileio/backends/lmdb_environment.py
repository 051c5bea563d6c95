"""LMDB environments: one of a file in each process, shared by back-ends; a child opens its own."""

from __future__ import annotations

import errno
import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from engine_fileio.backends.lmdb_gate import close_when_forking, gate
from engine_fileio.errors import no_such_file
from engine_fileio.optional import require

__all__ = [
    "SharedEnvironment",
    "begin",
    "lmdb",
    "open_environment",
    "read_value",
    "translated",
    "writing",
]

_MAP_SIZE = 1 << 30  # bytes; it grows when it is full


class SharedEnvironment:
    """An open database. LMDB forbids to open one twice in a process: its back-ends share it.

    It has the settings of the first, until the first that writes comes: then it is _opened anew. It
    is closed when the last back-end goes; one must not be used across a fork.
    """

    def __init__(self, path: str, options: dict[str, Any]) -> None:
        self._options = options
        self.environment = _open_now(path, options)

    def must_write(self, path: str, options: dict[str, Any]) -> None:
        """Open it anew if it is open for reading only; while nobody has a transaction."""
        if not self._options["readonly"]:
            return
        with gate().alone():
            if not self._options["readonly"]:
                return
            self.environment.close()
            try:
                self.environment = _open_now(path, options)
                self._options = options
            except OSError:  # it may not be written: its readers go on
                self.environment = _open_now(path, self._options)
                raise


_opened: WeakValueDictionary[Path, SharedEnvironment] = WeakValueDictionary()

_opening, _writing = Lock(), Lock()  # lmdb 2.0 refuses the second writer of a process

_of_parents: list[Any] = []


def writing() -> Lock:
    """Return the lock of all that writes in this process."""
    return _writing


def open_environment(path: str, options: dict[str, Any]) -> SharedEnvironment:
    """Return the environment of a file, _opened if it isn't yet, or isn't for _writing."""
    key = Path(path).resolve()
    with _opening:
        shared = _opened.get(key)
        if shared is None:
            with gate():
                _close_in_forked_children()
                _close_parents()
                shared = _opened[key] = SharedEnvironment(path, options)
        elif not options["readonly"]:
            shared.must_write(path, options)
    return shared


@cache
def _close_in_forked_children() -> None:
    """Let every child that is forked from now on know that what is open is its parent's."""
    close_when_forking()
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=_leave_to_parent)


def _leave_to_parent() -> None:
    """Forget the parent's databases.

    Since lmdb 2, one that was open in the parent counts as open in the child, and can't be _opened
    there before the child's copy is closed. With lmdb 1 that closing, or the collection of the
    copy, would free the parent's place in the table of readers: so the copies stay.
    """
    global _opening, _writing
    _opening, _writing = Lock(), Lock()  # threads of the parent may have held them
    _of_parents.extend(shared.environment for shared in _opened.values())
    _opened.clear()


def _close_parents() -> None:
    """Close what a parent had open, where lmdb wants that; not before the child opens one."""
    if not lmdb().__version__.startswith("1."):
        while _of_parents:
            _of_parents.pop().close()


def _open_now(path: str, options: dict[str, Any]) -> Any:
    if options["readonly"] and not Path(path).exists():
        raise no_such_file(path, "no such database")
    if not options["readonly"]:
        options = {"map_size": _MAP_SIZE, **options}
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    try:
        return lmdb().open(path, **options)
    except lmdb().Error as error:
        raise translated(error, path) from error


@cache  # it is asked for at every reading
def lmdb() -> Any:
    """Return the module.

    Raises:
        ImportError: it isn't installed.
    """
    return require("lmdb", extra="lmdb", what="LmdbBackend")


def read_value(shared: SharedEnvironment, key: bytes) -> bytes | None:
    """Return the value of a key; None if it isn't there, or something has to be done first."""
    with gate():
        try:
            with shared.environment.begin() as transaction:
                value: bytes | None = transaction.get(key)
                return value
        except lmdb().Error:
            return None


def begin(environment: Any, **options: bool) -> Any:
    """Return a transaction; None if another process made the database larger than is known here."""
    try:
        return environment.begin(**options)
    except lmdb().MapResizedError:
        return None


def translated(error: Exception, path: str) -> Exception:
    """Return what lmdb has raised, as an ``OSError`` that names the database."""
    if isinstance(error, lmdb().ReadonlyError):
        message = "the database is open for reading only; readonly=False writes"
        return PermissionError(errno.EACCES, message, path)
    return OSError(errno.EIO, f"LMDB: {error}", path)
