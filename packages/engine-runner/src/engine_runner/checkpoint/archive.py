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
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import torch

from engine_runner.checkpoint.digest import END, SIGNATURE, Hash, written_digest

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

_CHUNK: Final = 1 << 22  # bytes that are read at once, and hashed while the next are read
_SMALL: Final = 1 << 18  # bytes that are hashed sooner than handed to another thread
_LOCAL: Final = 30  # bytes of a record's header, before its name
_PENDING: Final = 8  # chunks that may wait for a slow hash
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
    end = _filled(file, bytearray(min(size, END + 128)))
    said = written_digest(bytes(end))
    records = _directory(file, size, bytes(end))
    sums = _Sums(said[0] if said else None)
    file.seek(0)
    try:
        with sums:
            _read(file, records, place, length=size - (said[3] if said else 0), sums=sums)
    except EOFError as error:
        raise DamageError("its end is missing") from error
    if said is None:
        logger.debug("%s has no digest: its archive's sums are right", getattr(file, "name", file))
    elif (found := sums.digest()) != said[2]:
        raise DamageError(
            f"its {said[1]} is {found[:12]}…, and was {said[2][:12]}… when it was written"
        )
    return {record.name: record for record in records}


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
    head = _filled(file, bytearray(_LOCAL))
    if head[:4] != b"PK\x03\x04":
        raise DamageError(f"its archive is broken: {info.filename} isn't where it should be")
    more = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return Record(info.filename, info.header_offset + _LOCAL + more, info.file_size, info.CRC)


def _read(
    file: BinaryIO,
    records: list[Record],
    place: Callable[[Record], memoryview | None],
    *,
    length: int,
    sums: _Sums,
) -> None:
    at = 0
    for record in records:
        _pass_over(file, record.begin - at, sums)
        target = place(record)
        if target is None:
            _pass_over(file, record.size, sums, of_record=True)
        else:
            for begin in range(0, record.size, _CHUNK):
                part = target[begin : begin + _CHUNK]
                _filled(file, part)
                sums.update(part, of_record=True)
        sums.end_record(record)
        at = record.begin + record.size
    _pass_over(file, length - at, sums)


def _pass_over(file: BinaryIO, size: int, sums: _Sums, *, of_record: bool = False) -> None:
    while size > 0:
        part = memoryview(bytearray(min(size, _CHUNK)))
        _filled(file, part)
        sums.update(part, of_record=of_record)
        size -= len(part)


def _filled(file: BinaryIO, target: Any) -> Any:
    """Fill a buffer from a file."""
    view, done = memoryview(target), 0
    while done < len(view):
        count = file.readinto(view[done:])  # type: ignore[attr-defined]  # every binary file has it
        if not count:
            raise EOFError
        done += count
    return target


class _Sums:
    """The digest of a file, or if it has none the sums of its records; slow ones in a thread."""

    def __init__(self, digest: Hash | None) -> None:
        self._digest = digest
        self._crc = 0
        self._is_quick = type(digest).__module__.partition(".")[0] == "xxhash"
        self._worker = ThreadPoolExecutor(1)
        self._pending: list[Future[None]] = []
        self._wrong: str | None = None

    def __enter__(self) -> _Sums:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.shutdown()
        if self._wrong is not None:
            raise DamageError(self._wrong)

    def update(self, data: memoryview, *, of_record: bool) -> None:
        if self._digest is not None:
            if self._is_quick and len(data) < _SMALL and not self._pending:
                self._digest.update(data)
            else:
                self._submit(self._digest.update, data)
        elif of_record:
            self._submit(self._add, data)

    def _submit(self, act: Callable[..., None], *args: Any) -> None:
        self._pending.append(self._worker.submit(act, *args))
        if len(self._pending) > _PENDING:
            self._pending.pop(0).result()

    def _add(self, data: memoryview) -> None:
        self._crc = zlib.crc32(data, self._crc)

    def end_record(self, record: Record) -> None:
        if self._digest is None:
            self._submit(self._compare, record)

    def _compare(self, record: Record) -> None:
        if self._crc != record.crc and self._wrong is None:
            self._wrong = f"the sum of its record {record.name} is wrong"
        self._crc = 0

    def digest(self) -> str:
        """Return the digest; nothing is added any more."""
        return "" if self._digest is None else self._digest.hexdigest()


def new_memory(size: int) -> tuple[Any, memoryview]:
    """Return memory for tensors, and a view to write its bytes to."""
    tensor = torch.empty(size, dtype=torch.uint8)
    view: Any = tensor.numpy()
    return tensor.untyped_storage(), memoryview(view)
