"""The digest of a checkpoint: inside its file, so that nothing can part the two.

`torch.save` writes a zip archive, and an archive may end in a comment, which everything that
reads archives passes over. It holds a digest of all that comes before it. torch itself checks
nothing when it reads: a flipped bit in a weight is a different weight. It finds accidents and not
attackers, so it is one that is made at the speed of memory: XXH3-128. Files of before have SHA-256.
"""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import BinaryIO, Final, Protocol

import xxhash

__all__ = ["END", "SIGNATURE", "DigestWriter", "Hash", "HashedFile", "fast_hash", "written_digest"]

_FAST: Final = "xxh3-128"
_KINDS: Final = {_FAST: 32, "sha256": 64}  # hexadecimal digits
_SHOWN: Final = {_FAST: "XXH3-128", "sha256": "SHA-256"}
_MARK: Final = "engine-runner {} "
_LONGEST: Final = max(len(_MARK.format(kind)) + digits for kind, digits in _KINDS.items())
# The last record of an archive: four bytes of signature, and at its end the comment's length.
END: Final = 22
SIGNATURE: Final = b"PK\x05\x06"
_LONG: Final = 1 << 20


class Hash(Protocol):
    """What is fed with bytes and gives a digest."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take bytes."""

    def hexdigest(self) -> str:
        """Return the digest of all bytes that were taken."""


def fast_hash(data: bytes = b"") -> Hash:
    """Return a new hash of the kind that is written."""
    found: Hash = xxhash.xxh3_128(data)
    return found


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

    def __init__(self, file: BinaryIO, worker: Executor | None = None) -> None:
        self._file, self._worker = file, worker
        self._hash = fast_hash()
        self._error: OSError | None = None
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes."""
        self._pass_on(memoryview(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: whoever opened the file flushes it."""

    def finish(self) -> str:
        """Return the digest of what was written, in hexadecimal digits.

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
        hashing = self._start_hashing(data)
        try:
            self._file.write(data)
        except OSError as error:
            self._error = error
        finally:
            if hashing is not None:
                hashing.result()

    def _start_hashing(self, data: memoryview) -> Future[None] | None:
        if self._worker is not None and len(data) >= _LONG:
            with suppress(RuntimeError):  # the process is ending, and starts no threads any more
                return self._worker.submit(self._hash.update, data)
        self._hash.update(data)
        return None


class DigestWriter(HashedFile):
    """A file of `torch.save` that ends with its own digest."""

    def __init__(self, file: BinaryIO, worker: Executor | None = None) -> None:
        super().__init__(file, worker)
        self._tail = b""  # the last record, as far as it is known, is not written yet

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes, all but the last few of which are written."""
        length = len(data)
        view = memoryview(data)
        if length >= END:
            self._pass_on(memoryview(self._tail))
            self._pass_on(view[: length - END])
            self._tail = bytes(view[length - END :])
        else:
            tail = self._tail + bytes(view)
            self._pass_on(memoryview(tail)[: max(0, len(tail) - END)])
            self._tail = tail[-END:]
        return length

    def finish(self) -> str:
        """Write the last record and, where it is that of an archive, the digest; return it.

        Raises:
            OSError: the file couldn't be written, now or before.
        """
        found = ""
        if self._tail.startswith(SIGNATURE) and len(self._tail) == END:
            mark = _MARK.format(_FAST).encode()
            length = len(mark) + _KINDS[_FAST]
            self._pass_on(memoryview(self._tail[:-2] + length.to_bytes(2, "little")))
            found = self._hash.hexdigest()
            self._pass_on(memoryview(mark + found.encode()))
        else:
            self._pass_on(memoryview(self._tail))
        self.check()
        return found


def written_digest(end: bytes) -> tuple[Hash, str, str, int] | None:
    """Return what a file's last bytes say of its digest; None if they say nothing.

    Returns:
        An empty hash of its kind, the kind, the digest, and the length of the comment.
    """
    for kind, digits in _KINDS.items():
        mark = _MARK.format(kind).encode()
        comment = end[-len(mark) - digits :]
        if re.fullmatch(re.escape(mark) + b"[0-9a-f]{%d}" % digits, comment):
            empty: Hash = fast_hash() if kind == _FAST else hashlib.sha256()
            return empty, _SHOWN[kind], comment[len(mark) :].decode(), len(comment)
    return None
