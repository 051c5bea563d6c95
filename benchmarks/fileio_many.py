"""Many objects: the time and the memory of a listing of 1e6 keys, and of 10,000 small reads.

The listing comes from a server of names that this file has, the objects from rclone. Memory is by
how much the peak of this process rises, the server of names included.
"""

from __future__ import annotations

import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from fileio import KEY, SECRET, rclone
from measure import print_table, seconds

KEYS, OBJECTS, OBJECT_SIZE, PAGE = 1_000_000, 10_000, 64 * 1024, 1000


def main() -> None:
    """Print the table."""
    rows = [("", "wall", "memory", "target")]
    with _names() as endpoint:
        _listed(endpoint, 1)  # imports what boto3 needs
        rows.append(_row(f"listing of {KEYS:,} keys", lambda: _listed(endpoint, KEYS), "<= 16 MB"))
    with tempfile.TemporaryDirectory(prefix="bench-many-") as folder:
        served = Path(folder) / "served"
        (served / "bench").mkdir(parents=True)
        (served / "bench" / "0").write_bytes(os.urandom(OBJECT_SIZE))
        for n in range(1, OBJECTS):
            os.link(served / "bench" / "0", served / "bench" / str(n))
        with rclone(served, "off") as endpoint:
            name = f"get_many of {OBJECTS:,} objects of 64 KiB"
            rows.append(_row(name, lambda: _read(endpoint), "<= 64 MB"))
            rows.append(_row(f"exists_many of {OBJECTS:,}", lambda: _looked(endpoint), ""))
    print_table("Many objects", rows)


def _row(name: str, act: Callable[[], None], target: str) -> tuple[str, ...]:
    before, start = _peak(), time.perf_counter()
    act()
    taken = time.perf_counter() - start
    return name, seconds(taken), f"{(_peak() - before) / 1e6:.1f} MB", target


def _peak() -> int:
    """The most bytes of memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _args(endpoint: str) -> dict[str, str]:
    return {"backend": "s3", "endpoint_url": endpoint, "access_key": KEY, "secret_key": SECRET}


def _listed(endpoint: str, at_least: int) -> None:
    from engine_fileio import list_dir_or_file

    names = list_dir_or_file(
        "s3://bench", list_dir=False, recursive=True, backend_args=_args(endpoint)
    )
    count = 0
    for count, _ in enumerate(names, 1):
        if count == at_least < KEYS:
            break
    assert count == at_least


def _read(endpoint: str) -> None:
    from engine_fileio import get_many

    names = (f"s3://bench/{n}" for n in range(OBJECTS))
    for data in get_many(names, workers=16, backend_args=_args(endpoint)):
        assert len(data) == OBJECT_SIZE


def _looked(endpoint: str) -> None:
    from engine_fileio import exists_many

    names = (f"s3://bench/{n}" for n in range(OBJECTS))
    assert all(exists_many(names, workers=16, backend_args=_args(endpoint)))


class _Names(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        start = int(asked.get("continuation-token", ["0"])[0])
        keys = "".join(
            f"<Contents><Key>shard-{n // 100:05}/image-{n:07}.jpg</Key><Size>1</Size></Contents>"
            for n in range(start, start + PAGE)
        )
        stop = start + PAGE
        more = f"<NextContinuationToken>{stop}</NextContinuationToken>" if stop < KEYS else ""
        body = (
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{keys}{more}'
            f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated></ListBucketResult>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Only the table is printed."""


@contextmanager
def _names() -> Iterator[str]:
    """Serve a bucket of which nothing but its names can be had, and give the endpoint."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Names) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


if __name__ == "__main__":
    main()
