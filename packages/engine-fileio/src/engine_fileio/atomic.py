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

from engine_fileio.address import names_folder
from engine_fileio.errors import NoFolderError, already_there, changed
from engine_fileio.file_lock import lock
from engine_fileio.optional import later

# what a write to an open file fails with; such an error names no file
_DISK = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}

Buffer = bytes | bytearray | memoryview


def write_bytes(
    path: str | os.PathLike[str],
    data: Buffer,
    *,
    overwrite: bool = True,
    if_match: str | None = None,
) -> None:
    """Write ``data`` to ``path``, making missing folders.

    With ``if_match`` only if what is there has that version (see ``version_of``): of several
    writers who say so one succeeds.

    A file that exists keeps its permission bits; a new one gets what the umask leaves. A
    symbolic link is followed. What is no regular file (a pipe, a device) is written directly.

    Raises:
        FileExistsError: ``path`` exists and ``overwrite`` is False.
        ConflictError: it has another version than ``if_match``.
        FileNotFoundError: there is ``if_match``, but no file.
        OSError: the disk is full, say; nothing is left behind.
    """
    with atomic_file(path, overwrite=overwrite, if_match=if_match) as file:
        file.write(data)


def version_of(status: os.stat_result) -> str:
    """What differs whenever a file has been written anew: its time of change, and its inode."""
    return f"{status.st_mtime_ns}-{status.st_ino}"


@contextmanager
def atomic_file(
    path: str | os.PathLike[str], *, overwrite: bool = True, if_match: str | None = None
) -> Iterator[BinaryIO]:
    """Open a binary file whose content becomes ``path`` when the block ends without an error."""
    if names_folder(path):
        raise _no_file(path)
    target = Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)
    mode = _mode_of(target)
    if mode is not None and not overwrite:
        raise already_there(path, _version_now(target))
    if if_match is not None:
        _must_match(target, if_match)
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
        if if_match is None:
            _publish(draft, target, overwrite=overwrite)
        else:
            _replace(draft, target, if_match)
    except BaseException:
        with suppress(OSError):  # what went wrong first is told
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


def _no_file(path: str | os.PathLike[str]) -> OSError:
    """The error for a path that ends as only a folder's can, and was to become a file."""
    text = os.fspath(path)
    before = text.rstrip("/.\\" if os.name == "nt" else "/.")
    if not text:
        code, what = errno.ENOENT, "an empty path"
    elif os.path.isdir(text):  # noqa: PTH112 - Path would drop what is at the end
        code, what = errno.EISDIR, "a folder, where a file was to be written"
    elif os.path.exists(before):  # noqa: PTH110
        code, what = errno.ENOTDIR, "a file, which the path takes for a folder"
    else:
        code, what = errno.EISDIR, "a folder's name, where a file was to be written"
    return OSError(code, what, text)


def _mode_of(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _create(draft: Path) -> BinaryIO:
    try:
        return draft.open("xb")
    except (FileNotFoundError, NotADirectoryError):
        folder = draft.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise NoFolderError(errno.ENOTDIR, "a file, not a folder", str(folder)) from error
        return draft.open("xb")


def _publish(draft: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(target)
        return
    try:
        os.link(draft, target)  # unlike a rename, it fails where the name is taken
    except FileExistsError as error:
        raise already_there(target, _version_now(target)) from error
    except OSError:  # no hard links here: take the name first
        target.touch(exist_ok=False)
        draft.replace(target)
    else:
        with suppress(OSError):  # the file has its name: one too many is no failure
            draft.unlink()


def _version_now(target: Path) -> str:
    """The version of what is there, for a message; it may be gone by now."""
    try:
        return version_of(target.stat())
    except OSError:
        return ""


def _replace(draft: Path, target: Path, version: str) -> None:
    """Give ``draft`` the name of ``target`` if that still has ``version``."""
    with _one_at_a_time(target.parent):
        before = _must_match(target, version)
        now = draft.stat()
        if now.st_mtime_ns <= before.st_mtime_ns:  # the clock is coarser than we are quick
            os.utime(draft, ns=(now.st_atime_ns, before.st_mtime_ns + 1))
        draft.replace(target)


def _must_match(target: Path, version: str) -> os.stat_result:
    status = target.stat()
    if version_of(status) != version:
        raise changed(target, wanted=version, found=version_of(status))
    return status


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Exclude other processes and threads that come here for the same folder."""
    if os.name == "nt":  # Windows opens no folders
        name = later("hashlib").sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
        own = Path(later("tempfile").gettempdir()) / f"engine-fileio-{name}.lock"
        handle = os.open(own, os.O_RDWR | os.O_CREAT)
    else:
        handle = os.open(folder, os.O_RDONLY)
    try:
        lock(handle)
        yield
    finally:
        os.close(handle)  # which unlocks it


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
