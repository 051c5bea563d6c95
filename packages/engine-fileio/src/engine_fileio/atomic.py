"""Local files that are written whole or not at all.

The bytes go to a temporary name in the same folder, are flushed to the disk, and only then
take the file's name. A reader sees the old file or the new one; of concurrent writers one wins.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine_fileio.errors import already_there

# what a write to an open file fails with; such an error names no file
_DISK = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}

Buffer = bytes | bytearray | memoryview


def write_bytes(path: str | os.PathLike[str], data: Buffer, *, overwrite: bool = True) -> None:
    """Write ``data`` to ``path``, making missing folders.

    A file that exists keeps its permission bits; a new one gets what the umask leaves. A
    symbolic link is followed. What is no regular file (a pipe, a device) is written directly.

    Raises:
        FileExistsError: ``path`` exists and ``overwrite`` is False.
        OSError: the disk is full, say; nothing is left behind.
    """
    with atomic_file(path, overwrite=overwrite) as file:
        file.write(data)


@contextmanager
def atomic_file(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """Open a binary file whose content becomes ``path`` when the block ends without an error."""
    target = Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)
    mode = _mode_of(target)
    if mode is not None and not overwrite:
        raise already_there(path)
    if mode is not None and not stat.S_ISREG(mode):
        with target.open("wb") as file:
            yield file
        return
    draft = temporary_name(target)
    try:
        with _named(path, draft), _create(draft) as file:
            if mode is not None:
                _quietly(os.chmod, draft, stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, target, overwrite=overwrite)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def temporary_name(target: Path) -> Path:
    """A name beside ``target`` that nobody else uses: hidden, and no longer than names may be."""
    return target.with_name(f".{target.name[:40]}.{os.getpid()}.{os.urandom(6).hex()}.part")


def clear_drafts(folder: Path, *, older_than_s: float = 600.0) -> list[str]:
    """Remove what writers that were killed have left in a folder, and return its names.

    Args:
        folder: the folder.
        older_than_s: seconds since its last change; a draft that is being written is younger.
    """
    removed = []
    with suppress(OSError):  # others may be removing it, too
        for path in folder.glob(".*.part"):
            process, mark = path.name.split(".")[-3:-1]
            is_ours = process.isdigit() and len(mark) == 12  # as in `temporary_name`
            if is_ours and time.time() - path.stat().st_mtime > older_than_s:
                path.unlink(missing_ok=True)
                removed.append(path.name)
    return removed


def sync_folder(folder: Path) -> None:
    """Flush the names in ``folder`` to the disk, where the system can."""
    if os.name == "nt":
        return  # Windows opens no folders
    with suppress(OSError):  # some network file systems refuse
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode_of(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _create(draft: Path) -> BinaryIO:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        return os.fdopen(os.open(draft, flags, 0o666), "wb")
    except FileNotFoundError:
        draft.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(draft, flags, 0o666), "wb")


def _publish(draft: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(target)
        return
    try:
        os.link(draft, target)  # unlike a rename, it fails where the name is taken
    except FileExistsError as error:
        raise already_there(target) from error
    except OSError:  # no hard links here: take the name first
        target.touch(exist_ok=False)
        draft.replace(target)
    else:
        with suppress(OSError):  # the file has its name: one too many is no failure
            draft.unlink()


@contextmanager
def _named(path: str | os.PathLike[str], draft: Path) -> Iterator[None]:
    """Let an error of the disk tell of ``path``, not of the temporary file or of none."""
    try:
        yield
    except OSError as error:
        of_draft = error.filename is not None and os.fspath(error.filename) == str(draft)
        if of_draft or (error.filename is None and error.errno in _DISK):
            raise OSError(error.errno, error.strerror, os.fspath(path)) from error
        raise


def _quietly(act: Callable[..., None], *args: object) -> None:
    with suppress(OSError):
        act(*args)
