"""Large objects in parts, several at a time; s3transfer carries uploads and copies."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import IO, Any, BinaryIO, NamedTuple, TypeAlias

from engine_fileio.backends.base import FileInfo
from engine_fileio.backends.store import Progress
from engine_fileio.errors import RemoteError
from engine_fileio.optional import later, require
from engine_fileio.retry import wait_before
from engine_fileio.s3.client import S3Connection
from engine_fileio.s3.errors import CONDITION_FAILED
from engine_fileio.s3.pace import MiB
from engine_fileio.s3.small_reads import QuickReader
from engine_fileio.transfer import ordered_map

_BLOCK = MiB

Sink: TypeAlias = Callable[[int, bytes], None]
"""Takes where in an object some bytes are, and the bytes."""

# what a body breaks off with, by name: botocore's and urllib3's are not imported for it
_BROKEN = {"IncompleteReadError", "ProtocolError", "ReadTimeoutError", "ResponseStreamingError"}


class _Object(NamedTuple):
    """An object to be read, of one version."""

    bucket: str
    key: str
    first: Any  # the answer to the first request


class Transfers:
    """Reads, uploads, downloads and copies through one connection's settings."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._quick = QuickReader(connection)

    def read(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes; those of a large one are read in parallel ranges."""
        small = self._quick.read(bucket, key)
        if small is not None:
            return small
        answer = self._ask(bucket, key)
        whole = BytesIO(bytes(answer["ContentLength"]))
        with whole.getbuffer() as view:

            def sink(start: int, block: bytes) -> None:
                view[start : start + len(block)] = block

            self._fetch_all(_Object(bucket, key, answer), sink)
        return whole.getvalue()

    def upload(
        self,
        source: str | IO[bytes],
        bucket: str,
        key: str,
        *,
        size: int,
        progress: Progress | None = None,
    ) -> None:
        """Upload a file; if a part fails for good, or on Ctrl-C, no parts are left."""
        watch = [_watcher(progress, size)] if progress else []
        with self._paced(size) as manager:
            manager.upload(source, bucket, key, subscribers=watch).result()

    def put_if(self, bucket: str, key: str, data: bytes, **condition: str) -> str | None:
        """Write an object under a condition; return the entity tag of whoever was quicker, or None.

        boto3 tries again what had no answer, and the second try may find what the first has
        written: the object's metadata tells such a win from a loss.
        """
        own = {"written-as": later("uuid").uuid4().hex}
        client = self._connection.client
        try:
            client.put_object(Bucket=bucket, Key=key, Body=data, Metadata=own, **condition)
        except client.exceptions.ClientError as error:
            if error.response["Error"].get("Code") not in CONDITION_FAILED:
                raise
            there = client.head_object(Bucket=bucket, Key=key)
            won = there.get("Metadata", {}).get("written-as") == own["written-as"]
            return None if won else str(there["ETag"])
        return None

    def download(
        self, bucket: str, key: str, file: BinaryIO, *, progress: Progress | None = None
    ) -> FileInfo:
        """Download an object into an open file; a large one in parallel ranges.

        Parts are written where they belong as they come, and flushed to the disk while others
        are on their way: that is quicker than s3transfer, which has one thread that writes.
        """
        answer = self._ask(bucket, key)
        done, size, lock = 0, answer["ContentLength"], Lock()

        def sink(start: int, block: bytes) -> None:
            nonlocal done
            write_at(file, start, block, lock=lock)
            if progress:
                with lock:  # parts report from threads of their own
                    done += len(block)
                    progress(done, size)

        self._fetch_all(_Object(bucket, key, answer), sink, flush=lambda: flush(file))
        if progress and size == 0:
            progress(0, 0)
        return FileInfo(size=size, version=answer["ETag"])

    def copy(self, source: dict[str, str], bucket: str, key: str, *, size: int) -> None:
        """Copy a large object within the service."""
        with self._paced(size) as manager:
            manager.copy(source, bucket, key).result()

    def close(self) -> None:
        """Close the connections."""
        self._quick.close()

    def _ask(self, bucket: str, key: str, **more: str) -> Any:
        return self._connection.client.get_object(Bucket=bucket, Key=key, **more)

    def _fetch_all(
        self, what: _Object, sink: Sink, flush: Callable[[], None] = lambda: None
    ) -> None:
        pace, size = self._connection.pace, what.first["ContentLength"]
        if size <= pace.threshold:
            self._fetch(what, 0, size, sink=sink, answer=what.first)
            return
        what.first["Body"].close()

        def fetch(start: int) -> None:
            self._fetch(what, start, min(start + part, size), sink=sink, answer=None)
            flush()

        part, connections, begun = pace.part_size(size), pace.connections, time.monotonic()
        deque(ordered_map(fetch, range(0, size, part), workers=connections), maxlen=0)
        pace.went_through(size, seconds=time.monotonic() - begun, connections=connections)

    def _fetch(self, what: _Object, start: int, stop: int, *, sink: Sink, answer: Any) -> None:
        """Hand the bytes from ``start`` to ``stop`` on; a body that breaks off is gone on with.

        boto3 tries requests again, but not bodies.
        """
        failures = 0
        while start < stop:
            try:
                answer = answer or self._rest(what, start, stop)
                while block := answer["Body"].read(_BLOCK):
                    sink(start, block)
                    start += len(block)
                    failures = 0
            except Exception as error:
                failures += 1
                given_up = failures > self._connection.settings.retries
                if type(error).__name__ not in _BROKEN or given_up:
                    raise
                wait_before(failures)
            finally:
                if answer is not None:
                    answer["Body"].close()
                    answer = None

    def _rest(self, what: _Object, start: int, stop: int) -> Any:
        span = f"bytes={start}-{stop - 1}"
        try:
            return self._ask(what.bucket, what.key, Range=span, IfMatch=what.first["ETag"])
        except self._connection.client.exceptions.ClientError as error:
            if error.response["Error"].get("Code") not in ("PreconditionFailed", "412"):
                raise
            name = f"s3://{what.bucket}/{what.key}"
            raise RemoteError(f"{name!r} has changed while it was read; read it again") from error

    @contextmanager
    def _paced(self, size: int) -> Iterator[Any]:
        """A manager of s3transfer's for one transfer of ``size`` bytes, at the service's pace."""
        manager = require("s3transfer.manager", extra="s3", what="S3Backend")
        pace = self._connection.pace
        connections, begun = pace.connections, time.monotonic()
        config = manager.TransferConfig(
            multipart_threshold=pace.threshold,
            multipart_chunksize=pace.part_size(size),
            max_request_concurrency=connections,
            io_chunksize=MiB,
        )
        with manager.TransferManager(self._connection.client, config) as found:
            yield found
        if size > pace.threshold:
            pace.went_through(size, seconds=time.monotonic() - begun, connections=connections)

    def __getstate__(self) -> dict[str, Any]:
        return {"_connection": self._connection}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _quick=QuickReader(state["_connection"]))


def write_at(file: BinaryIO, start: int, block: bytes, *, lock: Lock) -> None:
    """Write ``block`` at ``start``; threads may do so at once."""
    if hasattr(os, "pwrite"):
        view = memoryview(block)
        while view:
            written = os.pwrite(file.fileno(), view, start)
            view, start = view[written:], start + written
        return
    with lock:  # Windows
        file.seek(start)
        file.write(block)


def flush(file: BinaryIO) -> None:
    """Bring what was written to the disk, so that little is left to do at the end."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(file.fileno())


def _watcher(progress: Progress, size: int) -> Any:
    base: Any = require("s3transfer.subscribers", extra="s3", what="S3Backend").BaseSubscriber
    done, lock = 0, Lock()

    def on_progress(self: Any, future: Any, bytes_transferred: int, **_: Any) -> None:
        nonlocal done
        with lock:  # parts report from threads of their own
            done += bytes_transferred
            progress(done, size)

    return type("Watcher", (base,), {"on_progress": on_progress})()
