"""Files in this process's memory: for tests, and for data that need not outlive the process."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from engine_fileio.address import Address, posix
from engine_fileio.atomic import Buffer
from engine_fileio.backends import tree
from engine_fileio.backends.base import BaseStorageBackend, FileInfo, Suffix
from engine_fileio.errors import already_there, changed, is_folder, no_such_file
from engine_fileio.optional import later

_shared: dict[str, bytes] = {}
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

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        try:
            return self._files[_key(filepath)]
        except KeyError:
            raise no_such_file(filepath) from None

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Keep a file."""
        key, data = _key(filepath), bytes(obj)
        with _lock:
            if not overwrite and key in self._files:
                raise already_there(filepath, self.info(filepath).version)
            self._files[key] = data

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Keep a file if what is there still has this version."""
        data = bytes(obj)
        with _lock:
            found = self.info(filepath).version
            if found != version:
                raise changed(filepath, wanted=version, found=found)
            self._files[_key(filepath)] = data

    def info(self, filepath: Address) -> FileInfo:
        """Return size and digest of a file."""
        data = self.get(filepath)
        return FileInfo(size=len(data), version=later("hashlib").sha256(data).hexdigest())

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
        wanted = tree.Wanted(list_dir, list_file, suffix, recursive=recursive)
        names = sorted(self._below(dir_path))
        if not names:
            raise no_such_file(dir_path)
        yield from tree.entries(names, wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        if self._files.pop(_key(filepath), None) is None:
            if self.isdir(filepath):
                raise is_folder(filepath)
            raise no_such_file(filepath)

    def _below(self, folder: Address) -> Iterator[str]:
        start = f"{_key(folder)}/".removeprefix("/")
        keys = list(self._files)
        return (key[len(start) :] for key in keys if key.startswith(start))


def _key(filepath: Address) -> str:
    return posix(filepath).removeprefix("memory://").strip("/")
