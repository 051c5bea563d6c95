"""The head of an HTTP answer: interim ones passed over, all of it in bounded time, and well formed.

http.client takes ``103 Early Hints`` for the answer, and its timeout is one for each read: a server
that sends a letter now and then would never end. How strict it is with what comes says
`http_framing`.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from engine_fileio.http.framing import Chunks, Head
from engine_fileio.optional import later

_INTERIM = 20  # that a server may send before its answer
_SWITCHING = 101  # it is none: HTTP ends there


@cache
def pool_classes() -> Mapping[str, Any]:
    """urllib3's pools by scheme, with connections that read heads so."""
    pools = later("urllib3.connectionpool")
    return {
        "http": _pool_class(pools.HTTPConnectionPool),
        "https": _pool_class(pools.HTTPSConnectionPool),
    }


def _pool_class(theirs: Any) -> Any:
    connection = theirs.ConnectionCls  # the names stay, which messages have
    own = type(connection.__name__, (connection,), {"response_class": _response_class()})
    return type(theirs.__name__, (theirs,), {"ConnectionCls": own})


@cache
def _response_class() -> Any:
    client = later("http.client")

    def init(self: Any, sock: Any, *args: Any, **kwargs: Any) -> None:
        client.HTTPResponse.__init__(self, sock, *args, **kwargs)
        self.fp.close()
        self.bounded = _Bounded(sock)
        self.fp = Head(self.bounded)

    def begin(self: Any) -> None:
        if self.headers is not None:
            return
        client.HTTPResponse.begin(self)
        for _ in range(_INTERIM):
            if not 100 <= self.status < 200 or self.status == _SWITCHING:
                break
            self.headers = self.msg = None
            client.HTTPResponse.begin(self)
        else:
            raise client.HTTPException("the server sends interim answers, and no other")
        self.bounded.deadline = None  # each read of the body has the whole time again
        self.fp.in_body = True
        if self.chunked and self.length is None:
            self.chunked, self.fp = False, Chunks(self.fp)

    return type("Response", (client.HTTPResponse,), {"__init__": init, "begin": begin})


class _Bounded(io.RawIOBase):
    """What a socket receives, until a deadline: the socket's timeout from now."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._timeout = sock, sock.gettimeout()
        self._file = sock.makefile("rb", buffering=0)
        self.deadline = None if self._timeout is None else time.monotonic() + self._timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.deadline is None:
            return self._read(buffer)
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the head of the answer took more than {self._timeout} seconds")
        self._sock.settimeout(left)
        try:
            return self._read(buffer)
        finally:
            self._sock.settimeout(self._timeout)

    def _read(self, buffer: Any) -> int | None:
        found: int | None = self._file.readinto(buffer)
        return found

    def close(self) -> None:
        self._file.close()
        super().close()
