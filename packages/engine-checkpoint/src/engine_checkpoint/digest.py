"""The digest of a checkpoint: inside its file, so that nothing can part the two.

`torch.save` writes a zip archive, and an archive may end in a comment, which everything that
reads archives passes over. It holds a digest of all that comes before it. torch itself checks
nothing when it reads: a flipped bit in a weight is a different weight. It finds accidents and not
attackers, so it is made at the speed of memory: XXH3-128, of the XXH3-128 of each 16 MiB.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

import xxhash

from engine_checkpoint.parallel_read import Part

__all__ = [
    "END",
    "SIGNATURE",
    "DigestWriter",
    "Hash",
    "HashedFile",
    "WrittenDigest",
    "fast_hash",
    "may_have_had_digest",
    "written_digest",
]

_MARK: Final = "engine-runner {} "
# The last record of an archive: four bytes of signature, and at its end the comment's length.
END: Final = 22
SIGNATURE: Final = b"PK\x05\x06"
_BLOCK: Final = 1 << 20  # bytes that are hashed, and then written while the cache holds them
_PART: Final = 1 << 24  # bytes that have a hash of their own: threads read several of them at once


class Hash(Protocol):
    """What is fed with bytes and gives a digest."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes that were taken."""

    def hexdigest(self) -> str:
        """Return it in hexadecimal digits."""


def fast_hash(data: bytes = b"") -> Hash:
    """Return a new hash of the kind that is written."""
    found: Hash = xxhash.xxh3_128(data)
    return found


class _Kind(NamedTuple):
    """A kind of digest: what it is called, and how many hexadecimal digits it has."""

    shown: str
    digits: int
    new: Callable[[], Any]
    part: int | None = None  # bytes that have a hash of their own, of which the digest is a hash


# The first is written.
_KINDS: Final = {
    "xxh3-128-16m": _Kind("XXH3-128", 32, fast_hash, _PART),
    "xxh3-128": _Kind("XXH3-128", 32, fast_hash),
    "sha256": _Kind("SHA-256", 64, hashlib.sha256),
}
_WRITTEN: Final = next(iter(_KINDS))


class _HashOfParts:
    """A hash of the hashes of a file's parts."""

    def __init__(self) -> None:
        self._whole, self._part, self._left = fast_hash(), fast_hash(), _PART

    def update(self, data: memoryview) -> None:
        while len(data) >= self._left:
            self._part.update(data[: self._left])
            self._whole.update(self._part.digest())
            data, self._part, self._left = data[self._left :], fast_hash(), _PART
        self._part.update(data)
        self._left -= len(data)

    def hexdigest(self) -> str:
        """Return the digest; nothing is added any more."""
        if self._left < _PART:
            self._whole.update(self._part.digest())
        return self._whole.hexdigest()


class HashedFile:
    """What `torch.save` writes to: it hashes while the bytes go to a file.

    An error of the file is kept, and raised by `finish`: raised from within torch's own writer
    it would cross code that isn't prepared for it.

    Args:
        file: where the bytes go.

    Attributes:
        size: how many bytes were taken.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash: Any = fast_hash()
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
        found: str = self._hash.hexdigest()
        return found

    def check(self) -> None:
        """Raise what the file has failed with.

        Raises:
            OSError: it couldn't be written.
        """
        if self._error is not None:
            raise self._error

    def _pass_on(self, data: memoryview) -> None:
        self.size += len(data)
        for begin in range(0, len(data), _BLOCK):
            if self._error is not None:
                return
            block = data[begin : begin + _BLOCK]
            self._hash.update(block)
            try:
                self._file.write(block)
            except OSError as error:
                self._error = error


class DigestWriter(HashedFile):
    """A file of `torch.save` that ends with its own digest."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._hash = _HashOfParts()
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
            mark = _MARK.format(_WRITTEN).encode()
            length = len(mark) + _KINDS[_WRITTEN].digits
            self._pass_on(memoryview(self._tail[:-2] + length.to_bytes(2, "little")))
            found = self._hash.hexdigest()
            self._pass_on(memoryview(mark + found.encode()))
        else:
            self._pass_on(memoryview(self._tail))
        self.check()
        return found


class WrittenDigest(NamedTuple):
    """What a file's last bytes say of its digest.

    Attributes:
        shown: what its kind is called.
        digits: the digest, in hexadecimal digits.
        length: how many bytes say so; it is the digest of all before them.
    """

    shown: str
    digits: str
    length: int
    kind: _Kind

    def parts(self, size: int) -> list[Part]:
        """Return what is to be read of so many bytes, in parts that can be read at once."""
        long = self.kind.part or max(size, 1)
        return [
            Part(begin=at, end=min(at + long, size), sum=self.kind.new())
            for at in range(0, size, long)
        ]

    def found(self, parts: Sequence[Part]) -> str:
        """Return the digest that parts come to which were read."""
        sums: list[Any] = [each.sum for each in parts]
        if self.kind.part is None:
            only: str = sums[0].hexdigest()
            return only
        return fast_hash(b"".join(each.digest() for each in sums)).hexdigest()


def written_digest(end: bytes) -> WrittenDigest | None:
    """Return what a file's last bytes say of its digest; None if they say nothing."""
    for name, kind in _KINDS.items():
        mark = _MARK.format(name).encode()
        comment = end[-len(mark) - kind.digits :]
        if re.fullmatch(re.escape(mark) + b"[0-9a-f]{%d}" % kind.digits, comment):
            return WrittenDigest(kind.shown, comment[len(mark) :].decode(), len(comment), kind)
    return None


def may_have_had_digest(end: bytes) -> bool:
    """Whether a file's last bytes are an archive's comment as long as a digest's is."""
    lengths = [len(_MARK.format(name)) + kind.digits for name, kind in _KINDS.items()]
    return any(end[-END - length :][: len(SIGNATURE)] == SIGNATURE for length in lengths)
