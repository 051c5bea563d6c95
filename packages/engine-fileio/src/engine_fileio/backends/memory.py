"""Files in this process's memory: for tests, and for data that need not outlive the process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from threading import Lock

from engine_fileio.address import Address, posix
from engine_fileio.atomic import Buffer
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Suffix
from engine_fileio.errors import already_there, changed, is_folder, no_such_file

_shared: dict[str, bytes] = {}
_shared_versions: dict[str, tuple[bytes, str]] = {}
_lock = Lock()


class MemoryBackend(BaseStorageBackend):
    """Files in this process's memory, as ``memory://folder/name``.

    All instances show the same files, unless one brings a dict of its own.

    Args:
        files: where the files are; None for the dict that the process shares.
    """

    is_local = True

    def __init__(self, *, files: dict[str, bytes] | None = None) -> None:
        self._files = _shared if files is None else files
        self._versions = _shared_versions if files is None else {}  # key: file, version

    def identity(self, filepath: Address) -> str:
        """The key."""
        return _key(filepath)

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        try:
            return self._files[_key(filepath)]
        except KeyError:
            raise no_such_file(filepath) from None

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Keep a file."""
        key, data = _key(filepath), bytes(obj)
        if not key:
            raise is_folder(filepath) if os.fspath(filepath) else no_such_file(filepath)
        with _lock:
            if not overwrite and key in self._files:
                raise already_there(filepath, self._version(key))
            self._keep(key, data)

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Keep a file if what is there still has this version."""
        key, data = _key(filepath), bytes(obj)
        with _lock:
            if key not in self._files:
                raise no_such_file(filepath)
            found = self._version(key)
            if found != version:
                raise changed(filepath, wanted=version, found=found)
            self._keep(key, data)

    def info(self, filepath: Address) -> FileInfo:
        """Return size and version of a file: each writing has its own, also of equal bytes."""
        key = _key(filepath)
        with _lock:
            if key not in self._files:
                raise no_such_file(filepath)
            return FileInfo(size=len(self._files[key]), version=self._version(key))

    def _version(self, key: str) -> str:
        data = self._files[key]
        known, version = self._versions.get(key, (None, ""))
        return version if known is data else self._keep(key, data)  # it came by another way

    def _keep(self, key: str, data: bytes) -> str:
        version = os.urandom(16).hex()  # no other process has the same, either
        self._files[key], self._versions[key] = data, (data, version)
        return version

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        return _key(filepath) in self._files

    def isdir(self, filepath: Address) -> bool:
        """Whether a file's address begins with this one."""
        return any(self._below(filepath))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        names = sorted(self._below(dir_path))
        if not names:
            raise no_such_file(dir_path)
        yield from folders.entries(names, wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        with _lock:
            self._versions.pop(_key(filepath), None)
            if self._files.pop(_key(filepath), None) is not None:
                return
        raise is_folder(filepath) if self.isdir(filepath) else no_such_file(filepath)

    def _below(self, folder: Address) -> Iterator[str]:
        start = f"{_key(folder)}/".removeprefix("/")
        keys = list(self._files)
        return (key[len(start) :] for key in keys if key.startswith(start))


def _key(filepath: Address) -> str:
    return posix(filepath).removeprefix("memory://").strip("/")
