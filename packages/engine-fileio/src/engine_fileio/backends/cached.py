"""Another back-end, with its files kept on this machine."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from engine_fileio.address import Address, base_name
from engine_fileio.backends import tree
from engine_fileio.backends.base import BaseStorageBackend, FileInfo, Progress
from engine_fileio.backends.forward import ForwardingBackend
from engine_fileio.backends.local import LocalBackend
from engine_fileio.cache import FileCache
from engine_fileio.errors import UnreachableError, UnsupportedError
from engine_fileio.optional import later

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class _ChangedError(Exception):
    """A file has changed while it was fetched: whichever version that is, it isn't kept."""


class CachedBackend(ForwardingBackend):
    """Another back-end, with its files kept on this machine.

    It asks the store for a file's version every time, which is quick, and for the bytes only if
    that version is not here. What the store cannot tell the version of is not kept.

    Args:
        store: where the files are.
        cache_dir: where to keep them.
        cache_size: bytes; what was used least recently goes when there are more. None: no limit.
        offline: use what was fetched last, with a warning, where the store can't be reached.
        progress: called while a file is fetched.
    """

    def __init__(
        self,
        store: BaseStorageBackend,
        cache_dir: Address,
        *,
        cache_size: int | None = None,
        offline: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self._store = store
        self._offline = offline
        self._progress = progress
        self._cache = FileCache(Path(cache_dir).expanduser(), limit=cache_size)

    @property
    def name(self) -> str:
        """The name of the back-end behind the cache."""
        return self._store.name

    def route(self, filepath: Address) -> tuple[BaseStorageBackend, Address]:
        """Everything goes to the one back-end, unchanged."""
        return self._store, filepath

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file; if there is no room to keep it, they are read anyway."""
        known = self._known(filepath)
        if known is None:
            return self._store.get(filepath)
        try:
            return self._cache.read(
                self._key(filepath, known), known.size, partial(self._fetch, filepath, known)
            )
        except _ChangedError:
            return self._store.get(filepath)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            warnings.warn(f"not kept: {error}", RuntimeWarning, stacklevel=2)
            return self._store.get(filepath)

    @contextmanager
    def get_local_path(self, filepath: Address) -> Iterator[str | Path]:
        """Give the path of a local copy; read it only, and for the time of the block."""
        known = self._known(filepath)
        if known is None:
            with self._store.get_local_path(filepath) as direct:
                yield direct
            return
        with ExitStack() as stack:
            fetch = partial(self._fetch, filepath, known)
            name = base_name(filepath) or "file"
            path: str | Path
            try:
                path = stack.enter_context(
                    self._cache.borrow(self._key(filepath, known), known.size, fetch, name=name)
                )
            except _ChangedError:
                path = stack.enter_context(self._store.get_local_path(filepath))
            yield str(path)

    def copyfile_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file to a local path and return where it now is."""
        target = tree.local_target(dst, src)
        self.download(src, target, progress=progress)
        return target

    def copytree_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder to a local path, adding to what is there, and return ``dst``."""
        return tree.download_tree(self, src, dst, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to exactly the local path ``target``."""
        with self.get_local_path(src) as path:
            LocalBackend().download(path, target, progress=progress)

    def close(self) -> None:
        """Close the store's connections, if it has any."""
        close = getattr(self._store, "close", None)
        if close is not None:
            close()

    def _fetch(self, filepath: Address, known: FileInfo, path: Path) -> None:
        """Download a file that is to be kept as ``known``."""
        keywords = {"progress": self._progress} if self._progress else {}
        self._store.download(filepath, path, **keywords)
        if self._store.info(filepath) != known:
            raise _ChangedError

    def _known(self, filepath: Address) -> FileInfo | None:
        try:
            known = self._store.info(filepath)
        except UnsupportedError:
            return None
        except UnreachableError as error:
            seen = self._cache.recall(self._address_key(filepath)) if self._offline else None
            if seen is None:
                raise
            size, _, version = seen.partition(" ")
            warnings.warn(
                f"{error}; going on with what was fetched before", RuntimeWarning, stacklevel=4
            )
            return FileInfo(int(size), version)
        if not known.version:
            return None
        if self._offline:
            self._cache.remember(self._address_key(filepath), f"{known.size} {known.version}")
        return known

    def _address_key(self, filepath: Address) -> str:
        what = (self._store.place, os.fspath(filepath))
        return str(later("hashlib").sha256(repr(what).encode()).hexdigest())

    def _key(self, filepath: Address, known: FileInfo) -> str:
        what = (self._store.place, os.fspath(filepath), known.version, known.size)
        return str(later("hashlib").sha256(repr(what).encode()).hexdigest())
