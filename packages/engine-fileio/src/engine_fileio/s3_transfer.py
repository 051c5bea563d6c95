"""Large objects in parts, several at a time; s3transfer does the work."""

from __future__ import annotations

import os
from io import BytesIO
from threading import Lock
from typing import IO, Any

from engine_fileio.backends.base import Progress
from engine_fileio.optional import require
from engine_fileio.retry import wait_before
from engine_fileio.s3_client import MiB, S3Connection
from engine_fileio.s3_quick import QuickReader
from engine_fileio.transfer import ordered_map

# what a body breaks off with, by name: botocore's and urllib3's are not imported for it
_BROKEN = {"IncompleteReadError", "ProtocolError", "ReadTimeoutError", "ResponseStreamingError"}


class Transfers:
    """Reads, uploads, downloads and copies through one connection's settings."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._quick = QuickReader(connection)
        self._managers: dict[int, Any] = {}
        self._lock = Lock()

    def read(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes: the first part, and if there are more, those in parallel."""
        small = self._quick.read(bucket, key)
        if small is not None:
            return small
        part = self._connection.settings.part_size
        answer = self._ask(bucket, key)
        size = answer["ContentLength"]
        if size <= part:
            return self._body(answer, bucket, key)
        answer["Body"].close()
        whole = BytesIO()
        whole.truncate(size)
        whole.seek(size - 1)
        whole.write(b"\0")
        with whole.getbuffer() as view:

            def fetch(start: int) -> None:
                stop = min(start + part, size)
                span = {"Range": f"bytes={start}-{stop - 1}", "IfMatch": answer["ETag"]}
                view[start:stop] = self._body(self._ask(bucket, key, **span), bucket, key, **span)

            concurrency = self._connection.settings.concurrency
            for _ in ordered_map(fetch, range(0, size, part), workers=concurrency):
                pass
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
        """Upload a file; if a part fails for good, those that are there are removed."""
        watch = [_watcher(progress, size)] if progress else []
        self._manager().upload(source, bucket, key, subscribers=watch).result()

    def download(
        self, bucket: str, key: str, file: IO[bytes], *, progress: Progress | None = None
    ) -> None:
        """Download an object into an open file."""
        watch = []
        if progress:
            head = self._connection.client.head_object(Bucket=bucket, Key=key)
            watch = [_watcher(progress, head["ContentLength"])]
        self._manager().download(bucket, key, file, subscribers=watch).result()

    def copy(self, source: dict[str, str], bucket: str, key: str) -> None:
        """Copy a large object within the service."""
        self._manager().copy(source, bucket, key).result()

    def close(self) -> None:
        """End the threads and close the connections."""
        self._quick.close()
        with self._lock:
            managers, self._managers = self._managers, {}
        for pid, manager in managers.items():
            if pid == os.getpid():
                manager.shutdown()

    def _ask(self, bucket: str, key: str, **more: str) -> Any:
        return self._connection.client.get_object(Bucket=bucket, Key=key, **more)

    def _body(self, answer: Any, bucket: str, key: str, **more: str) -> bytes:
        """The bytes of ``answer``; boto3 tries requests again, but not a broken body."""
        for failures in range(1, self._connection.settings.retries + 2):
            try:
                return bytes(answer["Body"].read())
            except Exception as error:
                if type(error).__name__ not in _BROKEN:
                    raise
                if failures > self._connection.settings.retries:
                    raise
                answer["Body"].close()
                wait_before(failures)
                answer = self._ask(bucket, key, **more)
        raise AssertionError("retries is below 0")

    def _manager(self) -> Any:
        found = self._managers.get(os.getpid())
        if found is None:
            with self._lock:
                found = self._managers.setdefault(os.getpid(), self._new_manager())
        return found

    def _new_manager(self) -> Any:
        manager = require("s3transfer.manager", extra="s3", what="S3Backend")
        settings = self._connection.settings
        config = manager.TransferConfig(
            multipart_threshold=settings.part_size,
            multipart_chunksize=settings.part_size,
            max_request_concurrency=settings.concurrency,
            io_chunksize=MiB,
        )
        return manager.TransferManager(self._connection.client, config)

    def __getstate__(self) -> dict[str, Any]:
        return {"_connection": self._connection}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(
            state, _quick=QuickReader(state["_connection"]), _managers={}, _lock=Lock()
        )


def _watcher(progress: Progress, size: int) -> Any:
    base: Any = require("s3transfer.subscribers", extra="s3", what="S3Backend").BaseSubscriber
    done, lock = 0, Lock()

    def on_progress(self: Any, future: Any, bytes_transferred: int, **_: Any) -> None:
        nonlocal done
        with lock:  # parts report from threads of their own
            done += bytes_transferred
            progress(done, size)

    return type("Watcher", (base,), {"on_progress": on_progress})()
