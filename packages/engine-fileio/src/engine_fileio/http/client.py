"""HTTP downloads that survive broken connections; urllib3 does the talking."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from engine_fileio.address import shown
from engine_fileio.errors import RemoteError, UnreachableError, no_such_file
from engine_fileio.http.connection import pool_classes
from engine_fileio.http.headers import check_headers
from engine_fileio.http.response import BrokenError, Download, version_of, whole_size
from engine_fileio.http.url import fault_of, without_login
from engine_fileio.optional import later
from engine_fileio.retry import wait_before
from engine_fileio.scrub import unsecret_logs

_BLOCK = 1024 * 1024
_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # worth another try
_REDIRECTS = 10
_WITHOUT_HEAD = {403, 405, 501}  # HEAD is not allowed here, or not signed for
_HARMLESS = {"accept", "accept-language", "user-agent"}
_SECRET = {"authorization", "cookie", "proxy-authorization"}  # never to another host


class Block(NamedTuple):
    """A piece of a file."""

    offset: int
    data: bytes
    total: int | None
    """The file's size, if the server tells it."""
    version: str
    """What changes whenever the file does, as the answer told that has these bytes."""


class Known(NamedTuple):
    """What a server tells of a file: bytes, if it does, and what changes whenever they do."""

    size: int | None
    version: str


class HttpClient:
    """A pool of connections, and the patience to use it.

    Args:
        timeouts: seconds for a connection, and for the next bytes.
        retries: how often to try again without having got anything new.
        headers: sent with every request.
        ca_certs: a file of certificates, or None for the system's.
        connections: how many to keep for each server.
    """

    def __init__(
        self,
        *,
        timeouts: tuple[float, float],
        retries: int,
        headers: dict[str, str],
        ca_certs: str | None,
        connections: int,
    ) -> None:
        check_headers(headers)
        self._timeouts = timeouts
        self._retries = retries
        self._headers = headers
        # they may be secrets, whatever they are called: to this server alone
        self._private = frozenset(map(str.lower, headers)) - _HARMLESS | _SECRET
        self._ca_certs = ca_certs
        self._connections = connections
        self._pools: dict[tuple[str | None, int], Any] = {}
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("_pools", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _pools={}, _lock=Lock())

    def stream(self, url: str) -> Iterator[Block]:
        """Yield the blocks of a file.

        A connection that breaks is opened again at the byte where it broke, or from the
        beginning if the server has no ranges or the file has changed: then the next block's
        offset is 0, and what came before is void. Getting further than ever makes up for the
        tries before.

        Raises:
            FileNotFoundError: the server has no such file.
            PermissionError: the server refuses.
            UnreachableError: no answer, or none that goes on, after the last try.
            RemoteError: any other status.
        """
        download = Download()
        failures = furthest = 0
        while True:
            try:
                yield from self._from(url, download)
                return
            except BrokenError as error:
                failures = 0 if download.done > furthest else failures + 1
                furthest = max(furthest, download.done)
                if failures > self._retries:
                    raise _gave_up(url, error) from error.__cause__
                wait_before(failures, at_least=error.retry_after)

    def head(self, url: str) -> Known:
        """Return what the server tells of a file without sending it.

        Raises:
            FileNotFoundError: the server has no such file.
            PermissionError: the server refuses.
            UnreachableError: no answer after the last try.
            RemoteError: any other status, or headers that make no sense.
        """
        for failures in range(self._retries + 1):
            try:
                response = self._request("HEAD", url, {})
                if response.status in _WITHOUT_HEAD:
                    response.close()
                    response = self._request("GET", url, {"Range": "bytes=0-0"})
                try:
                    return _known(url, response)
                finally:
                    response.close() if response.length_remaining else response.release_conn()
            except BrokenError as error:
                if failures == self._retries:
                    raise _gave_up(url, error) from error.__cause__
                wait_before(failures + 1, at_least=error.retry_after)
        raise AssertionError("retries is below 0")

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.clear()

    def _from(self, url: str, download: Download) -> Iterator[Block]:
        """Yield what ``download`` lacks, moving it on."""
        urllib3 = later("urllib3")
        wanted = download.headers()
        response = self._request("GET", url, wanted)
        try:
            if not (wanted and response.status == 416):
                _check(url, response)
            with _naming(url):
                download.begin(response, asked_for_rest=bool(wanted))
                if download.done == 0:
                    # what came before, if any, is void
                    yield Block(0, b"", download.total, download.version)
                for data in download.blocks(response, _BLOCK):
                    start = download.done - len(data)
                    yield Block(start, data, download.total, download.version)
        except urllib3.exceptions.HTTPError as error:
            response.close()
            raise BrokenError(
                f"the connection broke after {download.done} bytes: {error}"
            ) from error
        finally:
            if response.length_remaining == 0 or response.closed:
                response.release_conn()
            else:
                response.close()  # whoever reads may have stopped in between

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> Any:
        urllib3 = later("urllib3")
        fault = fault_of(url)
        if fault is not None:
            raise ValueError(f"not a URL: {shown(url)!r}{fault}")
        bare, own = without_login(url)
        pool = self._pool(bare)
        broken = False
        try:
            with unsecret_logs():
                response = self._send(pool, method, bare, headers={**own, **headers})
        except ValueError:  # urllib3's and Python's, on the way to where the answer leads
            broken = True
        except urllib3.exceptions.MaxRetryError as error:
            if isinstance(error.reason, urllib3.exceptions.ResponseError):
                raise RemoteError(f"{shown(url)!r}: {error.reason}") from error
            if isinstance(error.reason, urllib3.exceptions.SSLError):
                raise RemoteError(f"{shown(url)!r}: not safe: {error.reason}") from error
            raise BrokenError(str(error.reason)) from error
        except urllib3.exceptions.HTTPError as error:
            raise BrokenError(str(error)) from error
        if broken:  # what they say has pieces of that place, perhaps of a password in it
            raise RemoteError(f"{shown(url)!r}: the server redirects to what is no URL")
        if response.status in _AGAIN:
            response.close()
            raise BrokenError(
                f"the server answered {_said(response.status)}",
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        return response

    def _send(self, pool: Any, method: str, url: str, *, headers: Mapping[str, str]) -> Any:
        urllib3 = later("urllib3")
        return pool.request(
            method,
            url,
            headers={"Accept-Encoding": "identity", **self._headers, **headers},
            preload_content=False,
            redirect=True,
            retries=urllib3.Retry(
                total=None,
                connect=0,
                read=0,
                status=0,
                other=0,
                redirect=_REDIRECTS,
                remove_headers_on_redirect=self._private,
            ),
            timeout=urllib3.Timeout(connect=self._timeouts[0], read=self._timeouts[1]),
        )

    def _pool(self, url: str) -> Any:
        parts = urlsplit(url)
        system = later("urllib.request")
        direct = system.proxy_bypass(parts.hostname or "")
        proxy = None if direct else system.getproxies().get(parts.scheme)
        key = (proxy, os.getpid())  # a forked child must not share its parent's connections
        found = self._pools.get(key)
        if found is None:
            with self._lock:
                found = self._pools.setdefault(key, self._new_pool(proxy))
        return found

    def _new_pool(self, proxy: str | None) -> Any:
        urllib3 = later("urllib3")
        own: dict[str, Any] = {"maxsize": self._connections, "ca_certs": self._ca_certs}
        if proxy is None:
            manager = urllib3.PoolManager(**own)
        else:
            fault = fault_of(proxy)
            if fault is not None:
                raise ValueError(f"the address of the proxy is no URL: {shown(proxy)!r}{fault}")
            bare, login = without_login(proxy, "Proxy-Authorization")
            manager = urllib3.ProxyManager(bare, proxy_headers=login, **own)
        manager.pool_classes_by_scheme = pool_classes()
        return manager


def _said(status: int) -> str:
    """A status in the standard's words: a server's own may tell what it was asked with."""
    return f"{status} {later('http.client').responses.get(status, '')}".rstrip()


def _check(url: str, response: Any) -> None:
    status = response.status
    if status in {200, 203, 206}:
        return
    if status in {404, 410}:
        raise no_such_file(shown(url))
    message = f"{shown(url)!r}: the server answered {_said(status)}"
    if status in {401, 403, 407}:
        raise PermissionError(f"{message}; does it want a login, or headers=?")
    raise RemoteError(message)


def _known(url: str, response: Any) -> Known:
    is_empty = response.status == 416 and "Content-Range" in response.headers  # no first byte
    if not is_empty:
        _check(url, response)
    with _naming(url):
        return Known(whole_size(response), version_of(response))


@contextmanager
def _naming(url: str) -> Iterator[None]:
    """Let an error about a response tell of which address."""
    try:
        yield
    except RemoteError as error:
        raise RemoteError(f"{shown(url)!r}: {error}") from error.__cause__


def _gave_up(url: str, error: BrokenError) -> UnreachableError:
    return UnreachableError(f"could not read {shown(url)!r}: {error}")


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isascii() and header.isdigit() else 0.0
