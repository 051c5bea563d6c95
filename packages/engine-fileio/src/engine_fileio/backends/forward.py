"""A back-end that hands everything on to others."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine_fileio.address import Address
from engine_fileio.atomic import Buffer
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.optional import later


class ForwardingBackend(BaseStorageBackend):
    """A back-end that hands everything on. Subclasses say to whom, and at what address."""

    @abstractmethod
    def route(self, filepath: Address) -> tuple[BaseStorageBackend, Address]:
        """Return who serves ``filepath``, and its address there."""

    def as_given(self, given: Address, there: str) -> str:
        """What callers see of the address ``there``, which follows from the one they gave."""
        return there

    def identity(self, filepath: Address) -> str:
        """What its store says, and which that is."""
        store, there = self.route(filepath)
        return f"{store.place} {store.identity(there)}"

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        store, there = self.route(filepath)
        return store.get(there)

    def get_text(self, filepath: Address, encoding: str = "utf-8") -> str:
        """Return a file's text."""
        return self.get(filepath).decode(encoding)

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file, whole or not at all."""
        store, there = self.route(filepath)
        store.put(obj, there, overwrite=overwrite)

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Write a file if it still has this version."""
        store, there = self.route(filepath)
        store.put_if_match(obj, there, version)

    def put_text(self, obj: str, filepath: Address, encoding: str = "utf-8") -> None:
        """Write a text file."""
        self.put(obj.encode(encoding), filepath)

    def info(self, filepath: Address) -> FileInfo:
        """Return size and version of a file without reading it."""
        store, there = self.route(filepath)
        return store.info(there)

    def exists(self, filepath: Address) -> bool:
        """Whether there is a file or folder."""
        store, there = self.route(filepath)
        return store.exists(there)

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        store, there = self.route(filepath)
        return store.isfile(there)

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""
        store, there = self.route(filepath)
        return store.isdir(there)

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts of an address."""
        store, there = self.route(filepath)
        return self.as_given(filepath, store.join_path(there, *filepaths))

    @contextmanager
    def get_local_path(self, filepath: Address) -> Iterator[str | Path]:
        """Give the path of a local copy for the time of the block."""
        store, there = self.route(filepath)
        with store.get_local_path(there) as path:
            yield path

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        store, there = self.route(dir_path)
        yield from store.list_dir_or_file(there, list_dir, list_file, suffix, recursive)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        store, there = self.route(filepath)
        store.remove(there)

    def rmtree(self, dir_path: Address) -> None:
        """Remove a folder and all that is in it."""
        store, there = self.route(dir_path)
        store.rmtree(there)

    def copyfile(self, src: Address, dst: Address) -> str:
        """Copy a file and return where it now is; between two stores, by way of this machine."""
        (store, there), (target_store, target) = self.route(src), self.route(dst)
        if store is target_store:
            return self.as_given(dst, os.fspath(store.copyfile(there, target)))
        with store.get_local_path(there) as local:
            return self.as_given(dst, os.fspath(target_store.copyfile_from_local(local, target)))

    def copytree(self, src: Address, dst: Address) -> str:
        """Copy a folder and return ``dst``; between two stores, by way of this machine."""
        (store, there), (target_store, target) = self.route(src), self.route(dst)
        if store is target_store:
            return self.as_given(dst, os.fspath(store.copytree(there, target)))
        with later("tempfile").TemporaryDirectory(prefix="engine-fileio-") as folder:
            store.copytree_to_local(there, folder)
            return self.as_given(dst, os.fspath(target_store.copytree_from_local(folder, target)))

    def copyfile_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str:
        """Copy a local file into the store and return where it now is."""
        store, there = self.route(dst)
        return self.as_given(
            dst, os.fspath(store.copyfile_from_local(src, there, progress=progress))
        )

    def copytree_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str:
        """Copy a local folder into the store and return ``dst``."""
        store, there = self.route(dst)
        return self.as_given(
            dst, os.fspath(store.copytree_from_local(src, there, progress=progress))
        )

    def copyfile_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file to a local path and return where it now is."""
        store, there = self.route(src)
        return store.copyfile_to_local(there, dst, progress=progress)

    def copytree_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder to a local path and return ``dst``."""
        store, there = self.route(src)
        return store.copytree_to_local(there, dst, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to exactly the local path ``target``."""
        store, there = self.route(src)
        store.download(there, target, progress=progress)

    def generate_presigned_url(
        self, url: str, client_method: str = "get_object", expires_in: int = 3600
    ) -> str:
        """Return a URL that anybody may use for ``expires_in`` seconds."""
        store, there = self.route(url)
        return store.generate_presigned_url(str(there), client_method, expires_in)
