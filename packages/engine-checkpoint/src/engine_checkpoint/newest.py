"""Which checkpoints a folder has, and which of them is the newest."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from engine_checkpoint.archive import DamageError, damage_of, opened
from engine_checkpoint.loader import CheckpointLoader
from engine_checkpoint.sharded.folder import damage_of_folder, is_sharded_checkpoint
from engine_checkpoint.sharded.read import read_sharded
from engine_fileio import (
    exists,
    get_local_path,
    get_text,
    info,
    join_path,
    list_dir_or_file,
    put,
    put_text,
)
from engine_fileio.errors import ConflictError, UnsupportedError
from engine_logging import print_log

__all__ = [
    "LAST",
    "Resumable",
    "find_latest_checkpoint",
    "is_whole",
    "numbers_in",
    "point_to",
    "resumable",
]

# The file in a work_dir that holds the address of the newest checkpoint.
LAST: Final = "last_checkpoint"

# A name with a number, such as epoch_12.pth; the best ones and published ones have their own.
_NUMBERED: Final = re.compile(r"(?!best_)(.*?)(\d+)(\.\w+)")
_LONGEST: Final = 1 << 16  # bytes of an address
# The version that this process last saw of a store's record; "" for none.
_seen: dict[str, str] = {}
_PUBLISHED: Final = re.compile(r".*-[0-9a-f]{8}\.\w+")


class Resumable(NamedTuple):
    """What a training can be resumed from."""

    addresses: list[str]  # newest first; they are there, but need not be whole
    complaint: str | None  # what is wrong with the file that says which is the newest
    is_lost: bool  # whether it names one, and there is none


def find_latest_checkpoint(path: str) -> str | None:
    """Return the address of the newest checkpoint of a work_dir; None if it has none.

    It is the one that the file ``last_checkpoint`` names, also if it was moved together with its
    folder; or else, with a warning, the newest that is there.
    """
    found = resumable(path)
    if found.complaint:
        print_log(found.complaint, "current", level=30)
    if not found.addresses:
        print_log(f"There is no checkpoint in {path}: nothing was saved there yet", "current")
        return None
    return found.addresses[0]


def resumable(work_dir: str) -> Resumable:
    """Return what a training can be resumed from, the newest first.

    After the one that ``last_checkpoint`` names come those before it, by the numbers in their
    names; those after it, which another training has left, come at the end.
    """
    named, complaint = _named(work_dir)
    last = _found(work_dir, named) if named else None
    if named and last is None:
        complaint = f"{LAST} in {work_dir} names {named}, which isn't there"
    folders = dict.fromkeys([work_dir, *([_folder(last)] if last else [])])
    rest = [*dict.fromkeys(each for folder in folders for each in _numbered(folder))]
    if not rest and not last:
        return Resumable([], complaint, bool(named))
    if complaint is None and not named:
        complaint = f"there is no {LAST} in {work_dir}, but there are checkpoints"
    ordered = _ordered(rest, last or named)
    first = [last] if last else []
    return Resumable(first + [each for each in ordered if each != last], complaint, False)


def point_to(address: str, work_dir: str) -> None:
    """Let ``last_checkpoint`` in a work_dir name a checkpoint.

    In a store with conditional writes it is replaced only if it is as this process last saw it: if
    another training writes to the same work_dir, that is told, and what it has written stays until
    the next time.
    """
    record = join_path(work_dir, LAST)
    if "://" not in record:
        put_text(address, record)
        return
    try:
        if record not in _seen:
            _seen[record] = info(record).version if exists(record) else ""
        condition: dict[str, Any] = {"if_match": _seen[record]}
        put(address.encode(), record, **(condition if _seen[record] else {"if_none_match": True}))
        _seen[record] = info(record).version
    except UnsupportedError:
        put_text(address, record)
    except (ConflictError, FileExistsError, FileNotFoundError) as error:
        _seen.pop(record)
        print_log(
            f"{record} doesn't name {address}: another training writes to this work_dir ({error})",
            "current",
            level=40,
        )


def numbers_in(folder: str, template: str, backend_args: dict[str, Any] | None = None) -> list[int]:
    """Return the numbers of the checkpoints in a folder whose names fit, the lowest first.

    Args:
        folder: its address.
        template: their names, with ``{}`` for the number.
        backend_args: of the storage.
    """
    before, _, after = template.partition("{}")
    pattern = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    names = _names(folder, backend_args)
    fitting = {int(match[1]) for name in names if (match := pattern.fullmatch(name))}
    return sorted(number for number in fitting if template.format(number) in names)


def is_whole(address: str) -> bool:
    """Whether the bytes of a checkpoint are those that were written."""
    if is_sharded_checkpoint(address):
        return damage_of_folder(Path(address)) is None
    try:
        with get_local_path(address) as path, opened(path) as file:
            return file.seek(0, 2) > 0 and damage_of(file) is None
    except (OSError, DamageError):
        return False


def _named(work_dir: str) -> tuple[str, str | None]:
    """The address in ``last_checkpoint``, or what is wrong with it; neither without the file."""
    record = join_path(work_dir, LAST)
    try:
        if "://" in record:
            text = get_text(record) if exists(record) else None
        elif not os.path.lexists(record):
            text = None
        else:
            with opened(record) as file:
                text = file.read(_LONGEST).decode()
    except Exception as error:  # whatever it is, there may be checkpoints beside it
        return "", f"{record} can't be read: {error}"
    if text is None:
        return "", None
    named = text.strip().strip("\0")
    is_address = bool(named) and "\0" not in named and "\n" not in named
    return (named, None) if is_address else ("", f"{record} is empty or damaged")


def _found(work_dir: str, named: str) -> str | None:
    """The address of a checkpoint that is there, or was moved with its folder."""
    moved = join_path(work_dir, _name(named))
    return next((each for each in (named, moved) if _is_there(each)), None)


def _is_there(address: str) -> bool:
    try:
        return bool(exists(address))
    except Exception:  # of an address that can't be reached nobody knows
        return False


def _folder(address: str) -> str:
    return address.replace("\\", "/").rpartition("/")[0]


def _name(address: str) -> str:
    return address.replace("\\", "/").rsplit("/", 1)[-1]


def _names(folder: str, backend_args: dict[str, Any] | None = None) -> list[str]:
    try:
        files = sorted(list_dir_or_file(folder, list_dir=False, backend_args=backend_args))
    except (FileNotFoundError, NotADirectoryError):
        return []
    if "://" in folder or backend_args:
        return files
    folders = (path for path in Path(folder).iterdir() if not path.name.startswith("."))
    return sorted([*files, *(path.name for path in folders if is_sharded_checkpoint(path))])


def _numbered(folder: str) -> list[str]:
    return [
        join_path(folder, name)
        for name in _names(folder)
        if _NUMBERED.fullmatch(name) and not _PUBLISHED.fullmatch(name) and name.endswith(".pth")
    ]


def _ordered(addresses: list[str], last: str) -> list[str]:
    """The newest first: by their numbers, or if they count different things, by what they hold."""
    kind, newest = _kind_and_number(last)
    kinds = {_kind_and_number(address)[0] for address in addresses}
    if kinds - {kind} and len(kinds | ({kind} if kind else set())) > 1:
        return sorted(addresses, key=_iteration, reverse=True)
    numbers = {address: _kind_and_number(address)[1] for address in addresses}
    after = [address for address in addresses if kind and numbers[address] > newest]
    before = [address for address in addresses if address not in after]
    return [*sorted(before, key=numbers.__getitem__, reverse=True), *sorted(after)]


def _kind_and_number(address: str) -> tuple[str, int]:
    match = _NUMBERED.fullmatch(_name(address))
    return (match[1], int(match[2])) if match else ("", -1)


def _iteration(address: str) -> int:
    try:
        if is_sharded_checkpoint(address):
            found = read_sharded(address, keys=("meta",), name=address)
        else:
            found = CheckpointLoader.load_checkpoint(address, "cpu", logger="silent")
        return int(found["meta"]["iter"])
    except Exception:  # whatever is wrong with it is told when it is its turn
        return -1
