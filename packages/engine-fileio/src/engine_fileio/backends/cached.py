"""Another back-end, with its files kept on this machine."""

from __future__ import annotations

import errno
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine_fileio.address import Address, base_name, local_path, local_side
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.forward import ForwardingBackend
from engine_fileio.backends.local import LocalBackend
from engine_fileio.backends.store import Progress
from engine_fileio.cache import Fetch, FileCache
from engine_fileio.errors import UnsupportedError
from engine_fileio.optional import later

_SEEN = re.compile(r"(-1|[0-9]{1,18}) (.+)", re.DOTALL)  # size and version
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class CachedBackend(ForwardingBackend):
    """Another back-end, with its files kept on this machine.

    It asks the store for a file's version every time, which is quick, and for the bytes only if
    that version is not here. What the store cannot tell the version of is not kept.

    Args:
        store: where the files are.
        cache_dir: where to keep them.
        cache_size: bytes; what was used least recently goes when there are more. None: no limit.
        offline: use what was fetched last, with a warning, where the store can't be reached or a
            download breaks for good.
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
        self._cache = FileCache(Path(local_path(cache_dir)), limit=cache_size)

    @property
    def name(self) -> str:
        """The name of the back-end behind the cache."""
        return self._store.name

    def route(self, filepath: Address) -> tuple[BaseStorageBackend, Address]:
        """Everything goes to the one back-end, unchanged."""
        return self._store, filepath

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file; if there is no room to keep it, they are read anyway."""
        try:
            with self._lent(filepath) as path:
                if path is not None:
                    return path.read_bytes()
        except OSError as error:
            if error.errno not in _FULL:
                raise
            warnings.warn(f"not kept: {error}", RuntimeWarning, stacklevel=2)
        return self._store.get(filepath)

    @contextmanager
    def get_local_path(self, filepath: Address) -> Iterator[str | Path]:
        """Give the path of a local copy; read it only, and for the time of the block."""
        with self._lent(filepath) as path:
            if path is not None:
                yield str(path)
                return
        with self._store.get_local_path(filepath) as direct:
            yield direct

    def copyfile_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file to a local path and return where it now is."""
        target = folders.local_target(local_side(dst), src)
        with folders.told_to_the_end(progress, target) as told:
            self.download(src, target, progress=told)
        return target

    def copytree_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder to a local path, adding to what is there, and return ``dst``."""
        return folders.download_tree(self, src, dst, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to exactly the local path ``target``."""
        with self.get_local_path(src) as path:
            LocalBackend().download(path, target, progress=progress)

    def close(self) -> None:
        """Close the store's connections, if it has any."""
        close = getattr(self._store, "close", None)
        if close is not None:
            close()

    @contextmanager
    def _lent(self, filepath: Address) -> Iterator[Path | None]:
        """A file to read for the time of the block; None if the store can't tell its version."""
        with ExitStack() as stack:
            try:
                path = self._newest(stack, filepath)
            except (ConnectionError, TimeoutError) as error:
                path = self._kept_before(stack, filepath, error)
            yield path

    def _newest(self, stack: ExitStack, filepath: Address) -> Path | None:
        try:
            known = self._store.info(filepath)
        except UnsupportedError:
            return None
        if not known.version:
            return None
        found = known

        def fetch(path: Path) -> bool:
            nonlocal found
            told = {"progress": self._progress} if self._progress else {}
            found = self._store.fetch(filepath, path, **told)
            return _is_same(found, known)

        path = self._borrow(stack, filepath, known=known, fetch=fetch)
        if self._offline and _is_same(found, known):
            key, line = self._address_key(filepath), f"{known.size} {known.version}"
            if self._cache.recall(key) != line:
                self._cache.remember(key, line)
        return path

    def _kept_before(self, stack: ExitStack, filepath: Address, error: OSError) -> Path:
        """What was lent last, though there may be something newer that can't be had."""
        line = self._cache.recall(self._address_key(filepath)) if self._offline else None
        seen = _SEEN.fullmatch(line or "")
        if seen is None:  # nothing, or it is damaged
            raise error
        size, version = seen.groups()

        def fetch(path: Path) -> bool:
            raise error

        path = self._borrow(stack, filepath, known=FileInfo(int(size), version), fetch=fetch)
        warnings.warn(
            f"{error}; going on with what was fetched before", RuntimeWarning, stacklevel=5
        )
        return path

    def _borrow(
        self, stack: ExitStack, filepath: Address, *, known: FileInfo, fetch: Fetch
    ) -> Path:
        name = base_name(filepath) or "file"
        key = self._key(filepath, known)
        return stack.enter_context(self._cache.borrow(key, known.size, fetch, name=name))

    def _address_key(self, filepath: Address) -> str:
        what = (self._store.place, os.fspath(filepath))
        return str(later("hashlib").sha256(repr(what).encode()).hexdigest())

    def _key(self, filepath: Address, known: FileInfo) -> str:
        what = (self._store.place, os.fspath(filepath), known.version, known.size)
        return str(later("hashlib").sha256(repr(what).encode()).hexdigest())


def _is_same(one: FileInfo, other: FileInfo) -> bool:
    """Whether two versions are the same; a size may be unknown, as -1."""
    sizes = {one.size, other.size}
    return one.version == other.version and (len(sizes) == 1 or -1 in sizes)
