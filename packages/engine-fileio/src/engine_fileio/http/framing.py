"""Where an HTTP answer's head and chunks end, held to the letter of RFC 9112.

http.client and the e-mail parser behind it pass over what they don't understand: a header line
without a colon ends the headers that they see, a chunk of ``-5`` or ``0x5`` bytes is taken, and a
body that breaks off in its last size line counts as whole. Here each is an error.
"""

from __future__ import annotations

import io
import re
from typing import Any, NoReturn

from engine_fileio.optional import later

_HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\Z")  # section 5, RFC 9110 5.1
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")  # section 7.1
_LONGEST_LINE = 65536  # bytes, as http.client's
_MOST_TRAILERS = 100


class Head(io.BufferedReader):
    """What http.client reads an answer from; it checks every line of a head."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw)
        self.in_body = False
        self._num_lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line; one of a head comes without the blanks at its end."""
        line = super().readline(size)
        if self.in_body:
            return line
        if line and not line.endswith(b"\n"):
            if len(line) > _LONGEST_LINE:
                return line  # which http.client refuses
            _refuse("the answer breaks off in its head", line)
        if self._num_lines == 0:
            self._num_lines = len(line) > 0
            return line
        if not line:
            _refuse("the answer breaks off in its head", line)
        plain = line.rstrip(b" \t\r\n")
        if line in (b"\r\n", b"\n"):
            self._num_lines = 0  # what follows is a body, or the answer after an interim one
            return line
        is_more = line[:1] in b" \t" and self._num_lines > 1  # of the line before
        if b"\r" in plain or not (is_more or _HEADER.match(plain)):
            _refuse("the answer has a header that is none", line)
        self._num_lines += 1
        return plain + b"\r\n" if plain else line


class Chunks(io.RawIOBase):
    """The bytes of a chunked body.

    A read gives what has come of one chunk, so that an error never takes bytes with it.
    """

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._left: int | None = None  # of the chunk; None before the first
        self._ended = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; none at the end, which has to be told."""
        if size < 0:
            return b"".join(iter(lambda: self.read(io.DEFAULT_BUFFER_SIZE), b""))
        if size == 0 or self._ended:
            return b""
        left = self._left or self._next_chunk()
        if left == 0:
            self._ended = True
            return b""
        data = self._source.read1(min(size, left))
        if not data:
            _refuse("the answer breaks off in a chunk", b"")
        self._left = left - len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with what has come."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection's file, too."""
        self._source.close()
        super().close()

    def _next_chunk(self) -> int:
        """Bytes of the chunk that begins; 0 at the end of the body."""
        if self._left is not None and (end := self._source.read(2)) != b"\r\n":
            _refuse("a chunk of the answer is longer or shorter than it says", end or b"")
        line = self._source.readline(_LONGEST_LINE)
        size = _SIZE.fullmatch(line)
        if size is None:
            _refuse("the answer has a chunk without a size", line)
        length = int(size[1], 16)
        if length == 0:
            self._to_the_end()
        return length

    def _to_the_end(self) -> None:
        for _ in range(_MOST_TRAILERS):
            line = self._source.readline(_LONGEST_LINE)
            if line == b"\r\n":
                return
            if not line.endswith(b"\n"):
                break
        _refuse("the answer breaks off after its last chunk", b"")


def _refuse(what: str, line: bytes) -> NoReturn:
    begin = re.match(rb"[\w-]{0,40}", line)  # what follows may be secret
    told = f": {begin[0].decode()}..." if begin and begin[0] else ""
    raise later("http.client").HTTPException(f"{what}{told}")
