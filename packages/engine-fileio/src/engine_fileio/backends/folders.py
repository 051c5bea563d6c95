"""Folders, made of what a back-end does with single files."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from engine_fileio import address
from engine_fileio.address import Address
from engine_fileio.errors import no_such_file
from engine_fileio.optional import later
from engine_fileio.transfer import ordered_map

if TYPE_CHECKING:
    from engine_fileio.backends.store import Progress, Store, Suffix

T = TypeVar("T")


def within(store: Store, dst: Address, src: Address) -> str:
    """Where a copy of ``src`` to ``dst`` goes: into ``dst`` if that is a folder, or ends as one.

    Raises:
        shutil.SameFileError: that is ``src`` itself.
    """
    target = os.fspath(dst)
    if target.endswith("/") or store.isdir(target):
        target = joined(store, target, address.base_name(src))
    if target == os.fspath(src):
        raise later("shutil").SameFileError(
            f"source and target are the same: {address.shown(target)!r}"
        )
    return target


def local_target(dst: str | Path, src: Address) -> str | Path:
    """Where a local copy of ``src`` to the local path ``dst`` goes: itself, or a text in a folder.

    Raises:
        FileNotFoundError: it ends in a slash, and there is no such folder.
        NotADirectoryError: it ends in a slash, and there is a file.
    """
    if not Path(dst).is_dir():
        must_be_folder(dst)
        return dst
    return os.path.join(dst, address.base_name(src))  # noqa: PTH118


def joined(store: Store, folder: Address, name: str) -> str:
    """The address of a file in ``folder``, if that means no other file.

    Raises:
        ValueError: the name has a backslash, and the store's addresses take it for a slash.
    """
    found = store.join_path(folder, name)
    if "\\" in name and not found.endswith(name):
        raise ValueError(
            f"the name {name!r} has a backslash, which {store.name} takes for a slash, so that it"
            f" would be {address.shown(found)!r}; nothing was done to it"
        )
    return found


def must_be_folder(path: Address) -> None:
    """Raise what the system does where a path ends in a slash and is no folder's."""
    if address.names_folder(path):
        os.stat(path)  # noqa: PTH116 - Path would drop the slash


def copy_tree(store: Store, src: Address, dst: Address) -> str:
    """Copy a folder file by file within ``store``."""
    _must_not_exist(store, dst)
    root = os.fspath(dst)
    _each(
        store,
        lambda name: store.copy(joined(store, src, name), joined(store, root, name)),
        # all of them first: a copy inside the folder is not to be copied, too
        list(store.list_dir_or_file(src, list_dir=False, recursive=True)),
    )
    return root


def upload_tree(
    store: Store, src: Address, dst: Address, *, progress: Progress | None = None
) -> str:
    """Copy a local folder file by file into ``store``."""
    _must_not_exist(store, dst)
    folder = Path(address.local_side(src))
    root, files = os.fspath(dst), list(_local_files(folder))
    size = sum(path.stat().st_size for path in files) if progress else None
    upload = Total(progress, size).of_each(store.upload) if progress else store.upload
    names = [joined(store, root, path.relative_to(folder).as_posix()) for path in files]
    _each(store, lambda pair: upload(*pair), zip(files, names, strict=True))
    return root


def download_tree(
    store: Store, src: Address, dst: Address, *, progress: Progress | None = None
) -> str | Path:
    """Copy a folder of ``store`` file by file to the local path ``dst``."""
    place = address.local_side(dst)
    root = Path(place)
    download = Total(progress).of_each(store.download) if progress else store.download
    _each(
        store,
        lambda name: download(joined(store, src, name), _inside(root, name)),
        store.list_dir_or_file(src, list_dir=False, recursive=True),
    )
    return place


def remove_tree(store: Store, dir_path: Address) -> None:
    """Remove the files of a folder one by one."""
    names = list(store.list_dir_or_file(dir_path, list_dir=False, recursive=True))
    _each(store, store.remove, [joined(store, dir_path, name) for name in names])


@contextmanager
def told_to_the_end(progress: Progress | None, local: Address) -> Iterator[Progress | None]:
    """``progress`` for a file's copy, which ends at its size though the store never tells.

    ``local`` is the side of the copy that is on this machine; empty files have an end, too.
    """
    if progress is None:
        yield None
        return
    last = -1

    def tell(done: int, size: int | None) -> None:
        nonlocal last
        last = done
        progress(done, size)

    yield tell
    size = Path(local).stat().st_size
    if last != size:
        progress(size, size)


class Total:
    """Adds up the progress of many files, which may travel at once.

    Args:
        progress: called with the bytes of all files done so far, and ``size``.
        size: bytes of all files, if they are known.
    """

    def __init__(self, progress: Progress, size: int | None = None) -> None:
        self._progress = progress
        self._size = size
        self._done = 0
        self._lock = Lock()

    def of_each(self, copy: Callable[..., object]) -> Callable[[Address, Address], None]:
        """``copy``, which takes ``progress``, as a function that adds to this total."""

        def copied(src: Address, target: Address) -> None:
            before = 0

            def add(done: int, _: int | None) -> None:
                nonlocal before
                with self._lock:  # files report from threads of their own
                    self._done, before = self._done + done - before, done
                    self._progress(self._done, self._size)

            copy(src, target, progress=add)

        return copied


class Wanted:
    """What ``list_dir_or_file`` is asked to yield; it has what the arguments mean."""

    __slots__ = ("list_dir", "list_file", "recursive", "suffix")

    def __init__(self, list_dir: bool, list_file: bool, suffix: Suffix, *, recursive: bool) -> None:
        if list_dir and suffix is not None:
            raise TypeError(f"suffix goes with list_dir=False only, got suffix={suffix!r}")
        if suffix is not None and not isinstance(suffix, str | tuple):
            raise TypeError(f"suffix must be a str or a tuple of str, got {suffix!r}")
        self.list_dir = list_dir
        self.list_file = list_file
        self.suffix = suffix
        self.recursive = recursive

    def takes(self, name: str) -> bool:
        """Whether a file of this name is to be yielded."""
        return self.list_file and (self.suffix is None or name.endswith(self.suffix))


def entries(names: Iterable[str], wanted: Wanted) -> Iterator[str]:
    """Turn the sorted relative names of files into a folder's entries, a folder before its files.

    For stores that know keys, but no folders; the names come lazily, as a listing's pages do.
    """
    seen: set[str] = set()
    for name in names:
        plain = name.lstrip("/")
        parts = plain.split("/")
        parts[0] = name[: len(name) - len(plain)] * bool(plain) + parts[0]  # a key may be `/a/b`
        for depth in range(1, len(parts) if wanted.recursive else min(len(parts), 2)):
            folder = "/".join(parts[:depth])
            if wanted.list_dir and folder and folder not in seen:
                seen.add(folder)
                yield folder
        is_here = wanted.recursive or len(parts) == 1
        if is_here and parts[-1] and wanted.takes(name):  # a key `a/` is a folder's marker
            yield name


def _must_not_exist(store: Store, dst: Address) -> None:
    if store.exists(dst):
        raise FileExistsError(
            errno.EEXIST, "the target of a folder's copy exists", address.shown(dst)
        )


def _local_files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        raise no_such_file(root, "no such folder")
    return (path for path in sorted(root.rglob("*")) if path.is_file())


def _inside(root: Path, name: str) -> Path:
    """``name`` under ``root``; a store's ``../`` must not lead out of it."""
    path = root / name
    if ".." in Path(name).parts or Path(name).is_absolute() or path.drive != root.drive:
        raise ValueError(f"the name {name!r} leads out of {str(root)!r}; it was not copied")
    return path


def _each(store: Store, act: Callable[[T], object], items: Iterable[T]) -> None:
    """Do ``act`` for every item, ``store.workers`` at a time; the first error ends it."""
    deque(ordered_map(act, items, workers=store.workers), maxlen=0)
