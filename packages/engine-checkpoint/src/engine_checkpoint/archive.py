"""The records of a file of `torch.save`: read once, in their order, and checked while they are.

A file that has a digest is compared with it, one without, as MMEngine and torch write them, with
the sums in its archive, before anything in it is looked at.
"""

from __future__ import annotations

import logging
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import torch

from engine_checkpoint.digest import (
    END,
    SIGNATURE,
    may_have_had_digest,
    written_digest,
)
from engine_checkpoint.parallel_read import Part, Target, read_parts

__all__ = [
    "DamageError",
    "Record",
    "damage_of",
    "is_archive",
    "new_memory",
    "opened",
    "records_of",
]

logger = logging.getLogger(__name__)

_LOCAL: Final = 30  # bytes of a record's header, before its name
_LOCKED: Final = 0x1


class DamageError(ValueError):
    """Bytes aren't those that were written, or none of a checkpoint."""


class Record(NamedTuple):
    """A record of an archive, and its place in the file."""

    name: str
    begin: int
    size: int
    crc: int


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file; what is none, such as a pipe or a device, is refused unopened.

    Raises:
        OSError: it can't be opened.
        DamageError: it is no regular file.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - opening a device may do something
        raise DamageError("it is no regular file")
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise DamageError("it is no regular file")
    except BaseException:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb", buffering=0) as file:
        yield file


def is_archive(file: BinaryIO) -> bool:
    """Whether a file begins as those that `torch.save` writes today."""
    file.seek(0)
    return file.read(4) == b"PK\x03\x04"


def damage_of(file: BinaryIO) -> str | None:
    """Return what is wrong with the bytes of a checkpoint, or None.

    One of torch's format before archives says nothing of its bytes.
    """
    try:
        if is_archive(file):
            records_of(file, lambda _: None)
    except DamageError as error:
        return str(error)
    return None


def records_of(file: BinaryIO, place: Callable[[Record], memoryview | None]) -> dict[str, Record]:
    """Read an archive from its beginning to its end, and check it.

    Args:
        file: the archive; it is read from its beginning.
        place: returns where a record's bytes go; None passes over them.

    Raises:
        DamageError: it is damaged, or none of `torch.save`.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END - 128))
    end = file.read(min(size, END + 128))
    said = written_digest(end)
    records = _directory(file, size, end)
    placed = ((record, place(record)) for record in records)
    targets = [Target(record.begin, view) for record, view in placed if view is not None]
    try:
        if said is None:
            if may_have_had_digest(end):
                raise DamageError("its digest is damaged")
            _compare_sums(file, records, targets, is_marked=_is_marked(end))
        else:
            parts = said.parts(size - said.length)
            read_parts(file, parts, targets)
            if (found := said.found(parts)) != said.digits:
                raise DamageError(
                    f"its {said.shown} is {found[:12]}…, and was {said.digits[:12]}… when it was "
                    "written"
                )
    except EOFError as error:
        raise DamageError("its end is missing") from error
    return {record.name: record for record in records}


def _compare_sums(
    file: BinaryIO, records: list[Record], targets: list[Target], *, is_marked: bool
) -> None:
    """Read records that no digest is of, and compare them with the archive's own sums.

    ``torch.serialization.set_crc32_options(False)`` leaves these at zero: nothing is known then.
    """
    ends = [(each.begin, each.begin + each.size) for each in records]
    parts = [Part(begin=begin, end=end, sum=_Crc()) for begin, end in ends]
    read_parts(file, parts, targets)
    has_sums = any(record.crc for record in records)
    if not has_sums and is_marked:
        raise DamageError("its digest is damaged")
    for record, part in zip(records, parts, strict=True):
        if has_sums and part.sum.value != record.crc:  # type: ignore[attr-defined]  # a _Crc
            raise DamageError(f"the sum of its record {record.name} is wrong")
    told = "its archive's sums are right" if has_sums else "and its archive has no sums"
    logger.debug("%s has no digest: %s", getattr(file, "name", file), told)


class _Crc:
    """An archive's sum of a record."""

    def __init__(self) -> None:
        self.value = 0

    def update(self, data: memoryview) -> None:
        self.value = zlib.crc32(data, self.value)


def _is_marked(end: bytes) -> bool:
    """Whether an archive ends in a comment, as those do that have a digest."""
    return end[-2:] != b"\0\0" or end[-END : -END + 4] != SIGNATURE


def _directory(file: BinaryIO, size: int, end: bytes) -> list[Record]:
    """The records in the order of their places, as the archive's end lists them."""
    found = end.rfind(SIGNATURE)
    if found < 0 or len(end) - found - END < int.from_bytes(end[found + 20 : found + 22], "little"):
        raise DamageError("its end is missing")
    try:
        with zipfile.ZipFile(file) as archive:
            listed = sorted(archive.infolist(), key=lambda each: each.header_offset)
        records = [_record(file, each) for each in listed]
    except DamageError:
        raise
    except Exception as error:  # whatever comes of bytes that are no list
        raise DamageError(f"its archive is broken: {error}") from error
    place = 0
    for record in records:
        if record.begin < place or record.begin + record.size > size:
            raise DamageError(f"its archive is broken: {record.name} is where another record is")
        place = record.begin + record.size
    return records


def _record(file: BinaryIO, info: zipfile.ZipInfo) -> Record:
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _LOCKED:
        raise DamageError(f"its record {info.filename} is compressed, which torch doesn't do")
    file.seek(info.header_offset)
    head = file.read(_LOCAL)
    if len(head) < _LOCAL or head[:4] != b"PK\x03\x04":
        raise DamageError(f"its archive is broken: {info.filename} isn't where it should be")
    more = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return Record(info.filename, info.header_offset + _LOCAL + more, info.file_size, info.CRC)


def new_memory(size: int) -> tuple[Any, memoryview]:
    """Return memory for tensors, and a view to write its bytes to."""
    tensor = torch.empty(size, dtype=torch.uint8)
    view: Any = tensor.numpy()
    return tensor.untyped_storage(), memoryview(view)
