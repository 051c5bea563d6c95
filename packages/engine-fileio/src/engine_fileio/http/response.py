"""What an HTTP response says of its body: which bytes of which version of a file, and how encoded.

A response is taken at its word and held to it: a part has to be the part that was asked for, of
the version that was begun with, and the body has to have the length that its headers tell
(RFC 9110, sections 8.4, 8.6, 8.8, 14 and 15.3.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine_fileio.errors import RemoteError
from engine_fileio.optional import later

_SPAN = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_UNSATISFIED = re.compile(r"bytes \*/(\d+)")
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's: 31 is gzip's header, 15 zlib's


class BrokenError(Exception):
    """Something that another try may mend."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Span(NamedTuple):
    """The bytes from ``start`` to before ``stop`` of a file of ``total`` bytes."""

    start: int
    stop: int
    total: int


class Download:
    """How far a download has come, and of which version of the file it is."""

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None
        """Bytes of the whole file; None if the server doesn't tell, or encodes them."""
        self._version = ("", "")  # ETag, Last-Modified
        self._identity = True
        self._stop: int | None = None  # where the body of this response has to end

    @property
    def version(self) -> str:
        """What changes whenever the file does; empty if the server tells nothing of it."""
        tag, changed = self._version
        return tag or changed

    def headers(self) -> dict[str, str]:
        """What asks for the rest, of the same version; empty to begin anew."""
        tag, changed = self._version
        validator = changed if tag.startswith("W/") else tag or changed
        if not (self.done and self._identity and validator):
            self.done = 0
            return {}
        return {"Range": f"bytes={self.done}-", "If-Range": validator}

    def begin(self, response: Any, *, asked_for_rest: bool) -> None:
        """Take what the headers say.

        Raises:
            BrokenError: this is no answer to what was asked; the next try begins anew.
            RemoteError: the headers make no sense.
        """
        _check_transfer(response)
        if response.status in {206, 416}:
            self._go_on(response, asked_for_rest=asked_for_rest)
            return
        self.done = 0
        self._identity = _encoding(response) == "identity"
        self.total = self._stop = body_length(response) if self._identity else None
        self._version = _version(response)

    def blocks(self, response: Any, size: int) -> Iterator[bytes]:
        """Yield the decoded body, ``size`` bytes at most at a time, moving ``done`` on.

        Raises:
            BrokenError: it is shorter or longer than the headers say, or not encoded as they say.
        """
        for block in _decoded(response, size):
            self.done += len(block)
            if self._stop is not None and self.done > self._stop:
                self.done = 0  # whatever they are, these bytes are not the file's
                raise BrokenError(f"the server sent more than the {self._stop} bytes it announced")
            yield block
        whole = self._stop if self.total is None else self.total
        if whole is not None and self.done < whole:
            raise BrokenError(f"the server sent {self.done} of {whole} bytes")
        if self.done == 0 and not _announced(response):
            raise BrokenError("the connection was closed before a byte, and no length was told")

    def _go_on(self, response: Any, *, asked_for_rest: bool) -> None:
        span, wanted = content_range(response), self.done
        self.done = 0  # for the next try, if this is refused
        if not asked_for_rest or response.status == 416:
            raise BrokenError(f"the server answered {response.status} without being asked for it")
        fits = span is not None and span.start == wanted and self.total in (None, span.total)
        if span is None or not fits:
            told = response.headers.get("Content-Range")
            raise BrokenError(f"asked for what follows byte {wanted}, the server sent {told!r}")
        if not _is_same(_version(response), self._version) or _encoding(response) != "identity":
            raise BrokenError("the file has changed while it was read")
        if body_length(response) not in (None, span.stop - span.start):
            raise BrokenError("the server's Content-Length and Content-Range disagree")
        self.done, self._stop, self.total = span.start, span.stop, span.total


def body_length(response: Any) -> int | None:
    """The body's length in bytes as the headers tell it, None if they don't.

    Raises:
        RemoteError: it is no number, or several that differ.
    """
    told = response.headers.get("Content-Length")
    if told is None:
        return None
    lengths = {one.strip() for one in told.split(",")}
    (length,) = lengths if len(lengths) == 1 else ("",)
    if not (length.isascii() and length.isdigit()):
        raise RemoteError(f"the server's Content-Length is {told!r}, which is no number of bytes")
    return int(length)


def whole_size(response: Any) -> int | None:
    """Bytes of the whole file, from a response to HEAD or to a request for its first byte.

    Raises:
        RemoteError: the headers make no sense.
    """
    _check_transfer(response)
    told = response.headers.get("Content-Range", "")
    if response.status == 416 and (nothing := _UNSATISFIED.fullmatch(told)):
        return int(nothing[1])
    if _encoding(response) != "identity":
        return None
    if response.status != 206:
        return body_length(response)
    span = content_range(response)
    if span is None or span[:2] != (0, 1):
        raise RemoteError(f"asked for the first byte, the server sent {told!r}")
    return span.total


def version_of(response: Any) -> str:
    """What changes whenever the file does: its entity tag, or else its date; perhaps empty."""
    tag, changed = _version(response)
    return tag or changed


def content_range(response: Any) -> Span | None:
    """The bytes that a part holds; None if its Content-Range is missing or impossible."""
    found = _SPAN.fullmatch(response.headers.get("Content-Range", ""))
    if found is None:
        return None
    first, last, total = map(int, found.groups())
    return Span(first, last + 1, total) if first <= last < total else None


def _check_transfer(response: Any) -> None:
    """Refuse a body that is packed for the way, which nobody asked for and nobody would unpack."""
    told = response.headers.get("Transfer-Encoding", "chunked")
    if told.lower() not in {"chunked", "identity"}:
        raise RemoteError(
            f"the server's Transfer-Encoding is {told!r}, though none but 'chunked' was asked for"
        )


def _announced(response: Any) -> bool:
    """Whether the headers tell where the body ends; headers that break off don't."""
    return "Content-Length" in response.headers or "Transfer-Encoding" in response.headers


def _version(response: Any) -> tuple[str, str]:
    headers = response.headers
    return headers.get("ETag", ""), headers.get("Last-Modified", "")


def _is_same(told: tuple[str, str], known: tuple[str, str]) -> bool:
    """Whether a part is of the version that was begun with: a strong entity tag decides.

    A part need not repeat what the tag implies (RFC 9110, section 15.3.7), so that only what both
    answers have is compared.
    """
    pairs = [(one, other) for one, other in zip(told, known, strict=True) if one and other]
    tag = told[0]
    if tag and known[0] and not tag.startswith("W/"):
        pairs = pairs[:1]
    return bool(pairs) and all(one == other for one, other in pairs)


def _encoding(response: Any) -> str:
    told = response.headers.get("Content-Encoding", "").strip().lower() or "identity"
    return str(told)


def _decoded(response: Any, size: int) -> Iterator[bytes]:
    encoding = _encoding(response)
    if encoding == "identity":
        yield from iter(lambda: response.read(size, decode_content=False), b"")
    elif encoding in _WINDOW_BITS:
        read: Callable[[], bytes] = lambda: response.read(size, decode_content=False)  # noqa: E731
        yield from _inflated(read, size, encoding)
    else:
        raise RemoteError(
            f"the server encodes the file as {encoding!r}, though it was asked for it as it is"
        )


def _inflated(read: Callable[[], bytes], size: int, encoding: str) -> Iterator[bytes]:
    """Decompress what ``read`` gives; ``size`` bounds what one block may become."""
    zlib = later("zlib")
    stream, begun = zlib.decompressobj(_WINDOW_BITS[encoding]), False
    for data in iter(read, b""):
        rest = data
        while rest:
            if stream.eof:  # gzip may have several members
                stream = zlib.decompressobj(_WINDOW_BITS[encoding])
            try:
                block = stream.decompress(rest, size)
            except zlib.error as error:
                raise RemoteError(
                    f"the server says {encoding}, and sends something else"
                ) from error
            begun = True
            rest = stream.unconsumed_tail or stream.unused_data
            if block:
                yield block
    while begun and not stream.eof and (block := stream.decompress(b"", size)):
        yield block
    if begun and not stream.eof:
        raise BrokenError(f"the {encoding} stream ends in the middle")
