"""The digest of a checkpoint: inside its file, so that nothing can part the two.

`torch.save` writes a zip archive, and an archive may end in a comment, which everything that
reads archives passes over. It holds the SHA-256 of all that comes before it. torch itself checks
nothing when it reads: a flipped bit in a weight is a different weight.
"""

from __future__ import annotations

import hashlib
import logging
import re
import zipfile
import zlib
from concurrent.futures import Executor, Future
from typing import BinaryIO, Final

__all__ = ["DigestWriter", "HashedFile", "damage_of"]

logger = logging.getLogger(__name__)

_MARK: Final = b"engine-runner sha256 "
_COMMENT: Final = len(_MARK) + 64
# The last record of an archive: four bytes of signature, and at its end the comment's length.
_END: Final = 22
_SIGNATURE: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 20


class HashedFile:
    """What `torch.save` writes to: it hashes while the bytes go to a file.

    An error of the file is kept, and raised by `finish`: raised from within torch's own writer
    it would cross code that isn't prepared for it.

    Args:
        file: where the bytes go.
        worker: hashes what is long while it is written.

    Attributes:
        size: how many bytes were taken.
    """

    def __init__(self, file: BinaryIO, worker: Executor) -> None:
        self._file, self._worker = file, worker
        self._hash = hashlib.sha256()
        self._error: OSError | None = None
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes."""
        self._pass_on(memoryview(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: whoever opened the file flushes it."""

    def finish(self) -> str:
        """Return the SHA-256 of what was written, in hexadecimal digits.

        Raises:
            OSError: the file couldn't be written, now or before.
        """
        self.check()
        return self._hash.hexdigest()

    def check(self) -> None:
        """Raise what the file has failed with.

        Raises:
            OSError: it couldn't be written.
        """
        if self._error is not None:
            raise self._error

    def _pass_on(self, data: memoryview) -> None:
        self.size += len(data)
        if self._error is not None or not data:
            return
        try:
            if len(data) < _CHUNK:
                self._hash.update(data)
                self._file.write(data)
                return
            hashing = self._start_hashing(data)
            try:
                self._file.write(data)
            finally:
                if hashing is not None:
                    hashing.result()
        except OSError as error:
            self._error = error

    def _start_hashing(self, data: memoryview) -> Future[None] | None:
        try:
            return self._worker.submit(self._hash.update, data)
        except RuntimeError:  # the process is ending, and starts no threads any more
            self._hash.update(data)
            return None


class DigestWriter(HashedFile):
    """A file of `torch.save` that ends with its own digest."""

    def __init__(self, file: BinaryIO, worker: Executor) -> None:
        super().__init__(file, worker)
        self._tail = b""  # the last record, as far as it is known, is not written yet

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes, all but the last few of which are written."""
        length = len(data)
        view = memoryview(data)
        if length >= _END:
            self._pass_on(memoryview(self._tail))
            self._pass_on(view[: length - _END])
            self._tail = bytes(view[length - _END :])
        else:
            tail = self._tail + bytes(view)
            self._pass_on(memoryview(tail)[: max(0, len(tail) - _END)])
            self._tail = tail[-_END:]
        return length

    def finish(self) -> str:
        """Write the last record and, where it is that of an archive, the digest; return it.

        Raises:
            OSError: the file couldn't be written, now or before.
        """
        found = ""
        if self._tail.startswith(_SIGNATURE) and len(self._tail) == _END:
            self._pass_on(memoryview(self._tail[:-2] + _COMMENT.to_bytes(2, "little")))
            found = self._hash.hexdigest()
            self._pass_on(memoryview(_MARK + found.encode()))
        else:
            self._pass_on(memoryview(self._tail))
        self.check()
        return found


def damage_of(file: BinaryIO) -> str | None:
    """Return what is wrong with the bytes of a checkpoint, or None.

    One without a digest, as MMEngine and torch write them, is checked by the sums in its archive;
    one of torch's format before archives has none.
    """
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return None
    size = file.seek(0, 2)
    file.seek(max(0, size - _END - _COMMENT))
    end = file.read()
    comment = end[-_COMMENT:]
    if re.fullmatch(re.escape(_MARK) + b"[0-9a-f]{64}", comment):
        return _by_digest(file, size - _COMMENT, comment[len(_MARK) :].decode())
    found = end.rfind(_SIGNATURE)
    if found >= 0 and len(end) - found - _END < int.from_bytes(
        end[found + 20 : found + 22], "little"
    ):
        return "its end is missing"
    logger.debug("%s has no digest: checked by its archive's own sums", getattr(file, "name", file))
    return _by_sums(file)


def _by_digest(file: BinaryIO, length: int, expected: str) -> str | None:
    found = hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK))
    file.seek(0)
    while length and (count := file.readinto(buffer[: min(_CHUNK, length)])):  # type: ignore[attr-defined]  # every binary file has it
        found.update(buffer[:count])
        length -= count
    if found.hexdigest() == expected:
        return None
    return f"its SHA-256 is {found.hexdigest()[:12]}…, and was {expected[:12]}… when it was written"


def _by_sums(file: BinaryIO) -> str | None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            bad = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        return f"its archive is broken: {error}"
    return None if bad is None else f"the sum of its record {bad} is wrong"
