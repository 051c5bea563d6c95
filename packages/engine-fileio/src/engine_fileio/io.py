"""The functions that people call: one way to read and write, wherever the bytes are.

Every function takes ``backend_args``: ``backend`` names a back-end where the address's prefix
does not say it, and the rest goes to that back-end's class. Back-ends are made once for the
same arguments, and shared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from engine_fileio import transfer
from engine_fileio.address import Address
from engine_fileio.backends.base import FileInfo
from engine_fileio.backends.registry import backend_for, get_file_backend
from engine_fileio.backends.store import Suffix
from engine_fileio.handlers.registry import register_handler
from engine_fileio.serialize import dump, load

__all__ = [
    "Args",
    "dump",
    "exists",
    "exists_many",
    "generate_presigned_url",
    "get",
    "get_file_backend",
    "get_local_path",
    "get_many",
    "get_text",
    "info",
    "isdir",
    "isfile",
    "join_path",
    "list_dir_or_file",
    "load",
    "put",
    "put_many",
    "put_text",
    "register_handler",
    "remove",
    "rmtree",
]

Args = Mapping[str, Any] | None


def get(filepath: Address, backend_args: Args = None) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileNotFoundError: there is none; the message has the address.
    """
    return backend_for(filepath, backend_args).get(filepath)


def get_text(filepath: Address, encoding: str = "utf-8", backend_args: Args = None) -> str:
    """Return a file's text."""
    return backend_for(filepath, backend_args).get_text(filepath, encoding=encoding)


def get_many(
    paths: Iterable[Address], workers: int = 16, backend_args: Args = None
) -> Iterator[bytes]:
    """Yield the bytes of many files, in order, ``workers`` at a time.

    At most twice as many files as workers are in memory, and ``paths`` is read as far as that.
    The first file that cannot be read ends it; its error names the path.
    """

    def fetch(path: Address) -> bytes:
        try:
            return backend_for(path, backend_args).get(path)
        except Exception as error:
            raise transfer.naming(path, error) from error.__cause__

    return transfer.ordered_map(fetch, paths, workers=workers)


def exists_many(
    paths: Iterable[Address], workers: int = 16, backend_args: Args = None
) -> Iterator[bool]:
    """Yield for each of many addresses, in order, whether there is a file or folder."""

    def look(path: Address) -> bool:
        try:
            return backend_for(path, backend_args).exists(path)
        except Exception as error:
            raise transfer.naming(path, error) from error.__cause__

    return transfer.ordered_map(look, paths, workers=workers)


def put_many(
    files: Iterable[tuple[Address, bytes]],
    workers: int = 16,
    backend_args: Args = None,
    *,
    progress: Callable[[int, int | None], None] | None = None,
) -> int:
    """Write many files, ``workers`` at a time, and return how many.

    ``files`` is read as the files are written: at most twice as many as workers are in memory.
    The first that cannot be written ends it; its error names the address, and others may be there.
    An address that comes more than once, however it is spelt, is written as often, in order: the
    last one stays.

    Args:
        files: address and bytes of each.
        workers: how many are written at a time.
        backend_args: see ``get_file_backend``.
        progress: called with the number of files written so far, and None.
    """

    turns = transfer.Turns()

    def write(file: tuple[Callable[[], AbstractContextManager[None]], Address, bytes]) -> None:
        turn, path, data = file
        with turn():
            try:
                backend_for(path, backend_args).put(data, path)
            except Exception as error:
                raise transfer.naming(path, error, "writing") from error.__cause__

    def identity(path: Address) -> str:
        try:
            return backend_for(path, backend_args).identity(path)
        except Exception:  # which `write` will raise, with the address
            return os.fspath(path)

    in_turn = ((turns.take(identity(path)), path, data) for path, data in files)
    done = 0
    for done, _ in enumerate(transfer.ordered_map(write, in_turn, workers=workers), 1):
        if progress:
            progress(done, None)
    return done


def put(
    obj: bytes,
    filepath: Address,
    backend_args: Args = None,
    *,
    overwrite: bool = True,
    if_none_match: bool = False,
    if_match: str | None = None,
) -> None:
    """Write a file, whole or not at all, in folders that need not exist.

    Of several writers with ``if_none_match``, or with the same ``if_match``, one succeeds: that is
    what a lock, or a file that names the newest of others, needs in a store.

    Args:
        obj: its bytes.
        filepath: its address.
        backend_args: see ``get_file_backend``.
        overwrite: False is the same as ``if_none_match=True``.
        if_none_match: only if there is no file.
        if_match: only if the file has this version, as ``info`` told it.

    Raises:
        FileExistsError: it exists, and was not to be overwritten.
        ConflictError: it has another version than ``if_match``; the message tells which.
        FileNotFoundError: there is ``if_match``, but no file.
        UnsupportedError: the store has no such condition.
        ValueError: both conditions are given.
    """
    store = backend_for(filepath, backend_args)
    if if_match is not None:
        if if_none_match or not overwrite:
            raise ValueError("if_match wants a file, if_none_match none: give one of them")
        store.put_if_match(obj, filepath, if_match)
        return
    keywords = {} if overwrite and not if_none_match else {"overwrite": False}
    store.put(obj, filepath, **keywords)


def info(filepath: Address, backend_args: Args = None) -> FileInfo:
    """Return size in bytes and version of a file without reading it.

    Raises:
        FileNotFoundError: there is none.
        UnsupportedError: the store can't tell.
    """
    return backend_for(filepath, backend_args).info(filepath)


def put_text(obj: str, filepath: Address, backend_args: Args = None) -> None:
    """Write a text file, as UTF-8."""
    backend_for(filepath, backend_args).put_text(obj, filepath)


def exists(filepath: Address, backend_args: Args = None) -> bool:
    """Whether there is a file or folder."""
    return backend_for(filepath, backend_args).exists(filepath)


def isdir(filepath: Address, backend_args: Args = None) -> bool:
    """Whether there is a folder."""
    return backend_for(filepath, backend_args).isdir(filepath)


def isfile(filepath: Address, backend_args: Args = None) -> bool:
    """Whether there is a file."""
    return backend_for(filepath, backend_args).isfile(filepath)


def join_path(filepath: Address, *filepaths: Address, backend_args: Args = None) -> str:
    """Join the parts of an address."""
    return backend_for(filepath, backend_args).join_path(filepath, *filepaths)


@contextmanager
def get_local_path(filepath: Address, backend_args: Args = None) -> Iterator[str | Path]:
    """Give the path of a local copy for the time of the block; a local file is its own copy."""
    with backend_for(filepath, backend_args).get_local_path(filepath) as path:
        yield path


def remove(filepath: Address, backend_args: Args = None) -> None:
    """Remove a file.

    Raises:
        FileNotFoundError: there is none.
        IsADirectoryError: it is a folder.
    """
    backend_for(filepath, backend_args).remove(filepath)


def rmtree(dir_path: Address, backend_args: Args = None) -> None:
    """Remove a folder and all that is in it.

    Raises:
        FileNotFoundError: there is none.
    """
    backend_for(dir_path, backend_args).rmtree(dir_path)


def list_dir_or_file(
    dir_path: Address,
    list_dir: bool = True,
    list_file: bool = True,
    suffix: Suffix = None,
    recursive: bool = False,
    backend_args: Args = None,
) -> Iterator[str]:
    """Yield what is in a folder, as paths relative to it, in no promised order.

    Args:
        dir_path: the folder.
        list_dir: whether to yield folders.
        list_file: whether to yield files.
        suffix: yield only files that end so; only with ``list_dir=False``.
        recursive: whether to descend into folders.
        backend_args: see ``get_file_backend``.

    Raises:
        FileNotFoundError: there is no such folder (on the first step).
    """
    store = backend_for(dir_path, backend_args)
    yield from store.list_dir_or_file(dir_path, list_dir, list_file, suffix, recursive)


def generate_presigned_url(
    url: str, client_method: str = "get_object", expires_in: int = 3600, backend_args: Args = None
) -> str:
    """Return a URL that anybody may use for ``expires_in`` seconds.

    Args:
        url: a file's address.
        client_method: ``get_object`` to read, ``put_object`` to write.
        expires_in: seconds.
        backend_args: see ``get_file_backend``.

    Raises:
        UnsupportedError: the store has no such URLs.
    """
    return backend_for(url, backend_args).generate_presigned_url(url, client_method, expires_in)
