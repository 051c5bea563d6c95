"""Files behind ``http://`` and ``https://``, read only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from engine_fileio.address import Address, local_path, shown
from engine_fileio.atomic import atomic_file
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Progress
from engine_fileio.errors import TooLargeError
from engine_fileio.http.client import Block, HttpClient


class HTTPBackend(BaseStorageBackend):
    """Files behind ``http://`` and ``https://``, read only.

    Connections are kept and shared, redirects followed, certificates verified, and proxies taken
    from the usual variables (``HTTPS_PROXY``, ``NO_PROXY`` ...). What fails for a while is tried
    again, and a download that broke off goes on where it stopped, if the server has ranges.

    Args:
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes.
        retries: how often to try again.
        max_bytes: refuse larger files; None for no limit.
        headers: sent with every request.
        ca_certs: a file of certificates to trust instead of the system's.
        connections: how many connections to one server are kept.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        retries: int = 4,
        max_bytes: int | None = None,
        headers: Mapping[str, str] | None = None,
        ca_certs: str | None = None,
        connections: int = 32,
    ) -> None:
        self._max_bytes = max_bytes
        self._headers = sorted((name.lower(), value) for name, value in (headers or {}).items())
        self._client = HttpClient(
            timeouts=(connect_timeout, read_timeout),
            retries=retries,
            headers=dict(headers or {}),
            ca_certs=ca_certs and os.fspath(local_path(ca_certs)),
            connections=connections,
        )

    @property
    def place(self) -> str:
        """The headers, which may say who asks and for what."""
        return f"{self.name} {self._headers}"

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        parts: list[bytes] = []
        for block in self._blocks(filepath, None):
            if block.offset == 0:
                parts.clear()  # the download began anew
            parts.append(block.data)
        return b"".join(parts)

    def get_text(self, filepath: Address, encoding: str = "utf-8") -> str:
        """Return a file's text."""
        return self.get(filepath).decode(encoding)

    def info(self, filepath: Address) -> FileInfo:
        """Return size and version of a file: -1 and empty if the server tells none."""
        known = self._client.head(os.fspath(filepath))
        return FileInfo(size=-1 if known.size is None else known.size, version=known.version)

    def isfile(self, filepath: Address) -> bool:
        """Whether the server has something at the address."""
        try:
            self._client.head(os.fspath(filepath))
        except FileNotFoundError:
            return False
        return True

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Download a file block by block, whole or not at all."""
        self.fetch(src, target, progress=progress)

    def fetch(self, src: Address, target: Address, *, progress: Progress | None = None) -> FileInfo:
        """Download a file and return size and version, as the answer with its bytes told them."""
        known = FileInfo(size=-1, version="")
        with atomic_file(target) as file:
            for block in self._blocks(src, progress):
                if file.tell() != block.offset:  # the download began anew
                    file.seek(block.offset)
                    file.truncate()
                file.write(block.data)
                known = FileInfo(-1 if block.total is None else block.total, block.version)
        return known

    def close(self) -> None:
        """Close the connections that are kept; the next use opens new ones."""
        self._client.close()

    def _blocks(self, filepath: Address, progress: Progress | None) -> Iterator[Block]:
        url = os.fspath(filepath)
        for block in self._client.stream(url):
            done = block.offset + len(block.data)
            size = max(done, block.total or 0)
            if self._max_bytes is not None and size > self._max_bytes:
                raise TooLargeError(
                    f"{shown(url)!r} has {'' if block.total else 'at least '}{size} bytes, "
                    f"and max_bytes={self._max_bytes}"
                )
            yield block
            if progress:
                progress(done, block.total)
