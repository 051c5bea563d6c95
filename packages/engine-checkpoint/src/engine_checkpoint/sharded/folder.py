"""A checkpoint that is a folder: under its name it is there whole, or not at all.

It is made under a hidden name beside its own, with a list of its files and their digests, and then
renamed. What goes is renamed first, too.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from engine_checkpoint.archive import DamageError, opened
from engine_checkpoint.digest import fast_hash
from engine_checkpoint.errors import CheckpointError
from engine_fileio import isfile, remove
from engine_fileio.atomic import sync_folder

__all__ = [
    "CONTENT",
    "LAYOUT",
    "MANIFEST",
    "Digest",
    "check_files",
    "damage_of_folder",
    "digests_of",
    "is_sharded_checkpoint",
    "make_draft",
    "publish_draft",
    "read_small",
    "remove_checkpoint",
    "write_synced",
]

MANIFEST: Final = "manifest.json"  # the files and their digests
LAYOUT: Final = ".metadata"  # torch's own: which part of which tensor is where
CONTENT: Final = "content.pth"  # all but the tensors

_MARKS: Final = (MANIFEST, LAYOUT, CONTENT)  # one of them makes a folder a checkpoint, whole or not
_MOST: Final = 1 << 30  # bytes of what says where the rest is
_FORMAT: Final = 2  # 1 has SHA-256 alone, and is read
_DRAFT: Final = ".draft"
_GOING: Final = ".going"
_CHUNK: Final = 1 << 20
_LEFT_S: Final = 600.0  # since the last change of what a killed process has left


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What a file of a checkpoint has to be: XXH3-128, or of files of before SHA-256."""

    size: int
    xxh3: str = ""
    sha256: str = ""  # of files of before


def is_sharded_checkpoint(path: str | Path) -> bool:
    """Whether a local address is a folder with a checkpoint, ours or one that torch has saved."""
    folder = Path(path)
    return folder.is_dir() and any(os.path.lexists(folder / name) for name in _MARKS)


def make_draft(target: Path) -> Path:
    """Make the empty folder that `publish_draft` gives the name ``target``.

    What a killed process has left of this checkpoint is removed, and of others if it is old.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}{_DRAFT}")
    for left in (draft, target.with_name(f".{target.name}{_GOING}")):
        if left.is_dir():
            shutil.rmtree(left)
    with suppress(OSError):  # somebody else may be removing it, too
        for mark in (_DRAFT, _GOING):
            for left in target.parent.glob(f".*{mark}"):
                if left.is_dir() and time.time() - _changed(left) > _LEFT_S:
                    shutil.rmtree(left, ignore_errors=True)
    draft.mkdir()
    return draft


def _changed(folder: Path) -> float:
    return max(each.stat().st_mtime for each in (folder, *folder.iterdir()))


def write_synced(path: Path, data: bytes) -> Digest:
    """Write a file and flush it to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Digest(size=len(data), xxh3=fast_hash(data).hexdigest())


def publish_draft(draft: Path, target: Path, files: Mapping[str, Digest]) -> None:
    """Write the list of the files, and give the draft its name.

    What had the name is removed afterwards. Where the system can't exchange two names at once, it
    has none for the time between two renamings.
    """
    said = {
        name: {key: value for key, value in asdict(each).items() if value != ""}
        for name, each in sorted(files.items())
    }
    text = {"format": _FORMAT, "files": said, "sha256": _digest_of(said)}
    write_synced(draft / MANIFEST, (json.dumps(text, indent=1) + "\n").encode())
    sync_folder(draft)
    old = target.with_name(f".{target.name}{_GOING}")
    if not target.exists():
        draft.rename(target)
    elif _exchange(draft, target):
        draft.rename(old)
    else:
        target.rename(old)
        draft.rename(target)
    sync_folder(target.parent)
    if old.is_dir():
        shutil.rmtree(old, ignore_errors=True)
    else:
        with suppress(OSError):  # what had the name is no longer of use, and no reason to fail
            old.unlink(missing_ok=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names swap what they stand for, at once; False where the system can't."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # an older C library
            rename: Any = ctypes.CDLL(None, use_errno=True).renameat2
            here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of the system's headers
            return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
    return False


def remove_checkpoint(address: str, backend_args: dict[str, Any] | None = None) -> None:
    """Remove a checkpoint, if it is there; of a folder no half ever has its name."""
    if not is_sharded_checkpoint(address):
        if isfile(address, backend_args=backend_args):
            remove(address, backend_args=backend_args)
        return
    folder = Path(address)
    going = folder.with_name(f".{folder.name}{_GOING}")
    if going.is_dir():
        shutil.rmtree(going)
    folder.rename(going)
    shutil.rmtree(going)


def digests_of(folder: Path, name: str = "") -> dict[str, Digest] | None:
    """Return the digests of the files of a checkpoint; None if it is one without, torch's own.

    Raises:
        CheckpointError: they are damaged.
    """
    path = folder / MANIFEST
    if not os.path.lexists(path):
        if os.path.lexists(folder / CONTENT):  # ours always has both
            raise CheckpointError(f"{name or folder} is damaged: {MANIFEST} is missing")
        return None
    try:
        text = json.loads(read_small(path))
        said = text["files"]
        if text["sha256"] != _digest_of(said):
            raise ValueError("its SHA-256 is another than when it was written")
        found = {file: Digest(**each) for file, each in said.items()}
        if outside := [file for file in found if Path(file).name != file]:
            raise ValueError(f"it names a file outside of the folder: {outside[0]!r:.100}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{name or folder} is damaged: {MANIFEST}: {error}") from error
    if text.get("format") not in (1, _FORMAT):
        raise CheckpointError(
            f"{name or folder} is of the format {text.get('format')!r}, and this version reads "
            f"{_FORMAT}: update engine-runner"
        )
    return found


def read_small(path: Path) -> bytes:
    """Return the bytes of a regular file that says where others are.

    Raises:
        OSError: it can't be read.
        DamageError: it is no regular file, or larger than any of its kind.
    """
    with opened(path) as file:
        if file.seek(0, os.SEEK_END) > _MOST:
            raise DamageError(f"{path.name} is larger than {_MOST} bytes")
        file.seek(0)
        return file.read()


def _digest_of(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def check_files(
    folder: Path, digests: Mapping[str, Digest], files: Iterable[str], *, name: str = ""
) -> None:
    """Compare files of a checkpoint with their digests.

    Raises:
        CheckpointError: one is missing, or damaged.
    """
    for file in sorted(files):
        wrong = _damage_of(folder / file, digests[file]) if file in digests else "it isn't listed"
        if wrong:
            raise CheckpointError(f"{name or folder} is damaged: {file}: {wrong}")


def _damage_of(path: Path, expected: Digest) -> str | None:
    try:
        with opened(path) as file:
            size = file.seek(0, 2)
            if size != expected.size:
                return f"it has {size} bytes, and had {expected.size} when it was written"
            file.seek(0)
            kind = fast_hash if expected.xxh3 else hashlib.sha256
            found = hashlib.file_digest(file, kind).hexdigest()  # type: ignore[arg-type]  # both have what it calls
    except OSError as error:
        return error.strerror or str(error)
    except DamageError as error:
        return str(error)
    wanted = expected.xxh3 or expected.sha256
    if found == wanted:
        return None
    name = "XXH3-128" if expected.xxh3 else "SHA-256"
    return f"its {name} is {found[:12]}…, and was {wanted[:12]}… when it was written"


def damage_of_folder(folder: Path) -> str | None:
    """Return what is wrong with a checkpoint's bytes, or None; without digests nobody knows."""
    try:
        digests = digests_of(folder)
        if digests is not None:
            check_files(folder, digests, digests)
    except CheckpointError as error:
        return str(error)
    return None
