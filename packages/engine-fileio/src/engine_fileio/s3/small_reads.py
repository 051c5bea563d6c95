"""The quick way to read small objects, of which a training reads millions.

boto3 spends a millisecond of CPU on a GET, most of it on what such a request has none of. This
sends a signed GET over a connection that is kept, and reads the plain answer: 200 with a length.
Whatever else comes - an error, a redirect, a proxy in between - is left to boto3, by None.
"""

from __future__ import annotations

import os
from collections import deque
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote, urlsplit

from engine_fileio.optional import later
from engine_fileio.s3.client import S3Connection
from engine_fileio.s3.sign import Keys, Signer

if TYPE_CHECKING:
    import socket

_PATIENCE = 8  # misses, after which a bucket is left to boto3 for good
_LONGEST_HEAD = 65536  # bytes
_AGENT = "user-agent:engine-fileio\r\n"


class QuickReader:
    """Reads objects of one service over connections that it keeps."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._buckets: dict[tuple[int, str], _Bucket | None] = {}

    def read(self, bucket: str, key: str) -> bytes | None:
        """Return an object's bytes, or None if it has to be asked for in the long way."""
        known = (os.getpid(), bucket)  # a forked child must not share its parent's connections
        if known not in self._buckets:
            self._buckets[known] = _find(self._connection, bucket)
        found = self._buckets[known]
        if found is None:
            return None
        data = found.read(key)
        if data is None and found.misses >= _PATIENCE:
            self._buckets[known] = None
            found.close()
        return data

    def close(self) -> None:
        """Close the connections."""
        buckets, self._buckets = self._buckets, {}
        for found in buckets.values():
            if found is not None:
                found.close()


class _Place(NamedTuple):
    """Where a bucket is."""

    address: tuple[str, int]
    host: str  # as the header has it
    path: str  # before a key
    tls: Any  # an ssl.SSLContext, or None


class _Bucket:
    """A bucket, and connections to it."""

    def __init__(self, place: _Place, connection: S3Connection, credentials: Any) -> None:
        self.misses = 0
        self._place = place
        self._settings = connection.settings
        self._threshold = connection.pace.threshold
        self._credentials = credentials
        self._signer = Signer(place.host, connection.client.meta.region_name)
        self._idle: deque[_Line] = deque()

    def read(self, key: str) -> bytes | None:
        path = self._place.path + quote(key, safe="/~")
        request = f"GET {path} HTTP/1.1\r\n{_AGENT}{self._headers(path)}\r\n".encode()
        try:
            line = self._idle.pop()
        except IndexError:
            return self._ask(None, request)
        # a connection that idled may have been closed meanwhile: then a new one is tried
        data = self._ask(line, request)
        return data if data is not None or line.answered else self._ask(None, request)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _headers(self, path: str) -> str:
        if self._credentials is None:
            return f"host:{self._place.host}\r\n"
        frozen = self._credentials.get_frozen_credentials()  # renewed when they are about to end
        return self._signer.headers(path, Keys(*frozen[:3]))

    def _ask(self, line: _Line | None, request: bytes) -> bytes | None:
        try:
            if line is None:
                line = _Line(_connect(self._place, self._settings.connect_timeout))
            data = line.ask(request, self._settings.read_timeout, self._threshold)
        except (OSError, ValueError):
            data = None
        if line is not None and data is not None and line.reusable:
            self._idle.append(line)
            self.misses = 0
        elif line is not None:
            line.close()
        if data is None and (line is None or line.status not in (0, 200, 404)):
            self.misses += 1
        return data


def _connect(place: _Place, timeout: float) -> socket.socket:
    sockets = later("socket")
    plain: socket.socket = sockets.create_connection(place.address, timeout)
    try:
        plain.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        if place.tls is None:
            return plain
        return cast("socket.socket", place.tls.wrap_socket(plain, server_hostname=place.address[0]))
    except BaseException:
        plain.close()
        raise


class _Line:
    """One connection."""

    def __init__(self, connected: socket.socket) -> None:
        self.status = 0  # of the last answer; 0 if there was none
        self.reusable = False
        self._socket = connected
        self._file: Any = connected.makefile("rb", 65536)

    @property
    def answered(self) -> bool:
        return self.status != 0

    def ask(self, request: bytes, timeout: float, longest: int) -> bytes | None:
        """Send ``request``; return the answer's bytes if it is plain and not too long.

        Raises:
            OSError, ValueError: the connection broke, or said what it should not.
        """
        self.status, self.reusable = 0, False
        self._socket.settimeout(timeout)
        self._socket.sendall(request)
        self.status, headers = _head(self._file)
        length = int(headers.get(b"content-length", b"-1"))
        if self.status != 200 or not 0 <= length <= longest or b"transfer-encoding" in headers:
            return None
        data = bytes(self._file.read(length))
        if len(data) < length:
            raise ConnectionError("the answer broke off")
        self.reusable = headers.get(b"connection", b"").lower() != b"close"
        return data

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    __del__ = close


def _head(file: IO[bytes]) -> tuple[int, dict[bytes, bytes]]:
    """Read the status and the headers of an answer."""
    first = file.readline(_LONGEST_HEAD)
    if not first.startswith(b"HTTP/1.1 "):
        raise ConnectionError("no answer, or none of HTTP/1.1")
    headers: dict[bytes, bytes] = {}
    left = _LONGEST_HEAD
    while left > 0:
        line = file.readline(left)
        if line == b"\r\n":
            return int(first[9:12]), headers
        if not line.endswith(b"\n"):
            break
        left -= len(line)
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    raise ConnectionError("the head of the answer broke off, or has no end")


def _find(connection: S3Connection, bucket: str) -> _Bucket | None:
    """Where boto3 would look for a bucket; None if it has to go by a way of its own."""
    client, settings = connection.client, connection.settings
    if settings.verify is False or settings.signature_version != "s3v4":
        return None
    url = urlsplit(
        client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    )
    proxies = later("urllib.request")
    if url.hostname is None or not url.path.endswith("/k"):
        return None
    if url.scheme in proxies.getproxies() and not proxies.proxy_bypass(url.hostname):
        return None
    tls = None
    if url.scheme == "https":
        trusted = settings.verify if isinstance(settings.verify, str) else None
        tls = later("ssl").create_default_context(cafile=trusted)
    port = url.port or (443 if tls else 80)
    place = _Place((url.hostname, port), url.netloc, url.path[:-1], tls)
    signs = None if settings.anonymous else connection.credentials
    return _Bucket(place, connection, signs)
