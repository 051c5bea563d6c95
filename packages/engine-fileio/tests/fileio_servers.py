"""Real servers for the tests, on the loopback, and one that fails on demand."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import boto3
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine_fileio import S3Backend

KEY, SECRET = "K" * 15, "S" * 20


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def script(name: str) -> str:
    """The path of a command that a test dependency installed, or the system has."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        raise RuntimeError(f"these tests need the command {name!r}")
    return found


@contextmanager
def running(command: Sequence[str], port: int, env: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the block ends; it is ready when its port answers."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when ``port`` answers; fail if the server ends, or after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not come up")


@contextmanager
def moto() -> Iterator[str]:
    """Run moto's S3 and give its endpoint."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def rclone_s3(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serve ``folder``, a bucket for each folder in it, as S3 and give the endpoint.

    ``tls`` is a certificate and its key, for https.
    """
    port = free_port()
    command = [script("rclone"), "serve", "s3", "--addr", f"127.0.0.1:{port}"]
    command += ["--auth-key", f"{KEY},{SECRET}", str(folder), "--vfs-cache-mode", "full"]
    own = {"RCLONE_CACHE_DIR": str(folder.parent / "rclone-cache"), "RCLONE_CONFIG": ""}
    if tls:
        command += ["--cert", str(tls[0]), "--key", str(tls[1])]
    with running(command, port, own):
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of nobody's for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"


def new_bucket(endpoint: str, name: str = "", *, verify: str | None = None) -> str:
    """Make a bucket and return its name."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        verify=verify,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}),
    )
    name = name or f"bucket-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    client.close()
    return name


def connect(endpoint: str, **more: object) -> S3Backend:
    """A back-end for the service at ``endpoint``."""
    options = {"endpoint_url": endpoint, "access_key": KEY, "secret_key": SECRET, **more}
    return S3Backend(**options)  # type: ignore[arg-type]


@contextmanager
def memcached() -> Iterator[str]:
    """Run memcached for values of up to 256 MB and give its ``host:port``."""
    port = free_port()
    command = [script("memcached"), "-l", "127.0.0.1", "-p", str(port), "-m", "1024", "-I", "256m"]
    if os.name != "nt" and os.geteuid() == 0:
        command += ["-u", "root"]
    with running(command, port):
        yield f"127.0.0.1:{port}"


@contextmanager
def threaded(server: ThreadingHTTPServer) -> Iterator[str]:
    """Serve from a thread until the block ends and give the URL."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FileServer(ThreadingHTTPServer):
    """Files over HTTP, with ranges, entity tags and faults.

    ``faults[path]`` is what goes wrong with the next requests for a path, one each: a status to
    answer, ``drop:N`` to hang up after N bytes, ``stall:N`` to go silent
    after N bytes, ``silent`` to say nothing at all.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _FileHandler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[str]] = {}
        self.changes: dict[str, dict[str, bytes]] = {}  # what another method finds at a path
        self.redirects: dict[str, str] = {}
        self.requests: list[tuple[str, str, str]] = []  # method, path, range
        self.headers_seen: list[dict[str, str]] = []
        self.ranges = True
        self.heads = True
        self.extra: dict[str, str] = {}
        self.phrase: str | None = None  # what it says of a status; None for the usual
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def server_close(self) -> None:
        """Let stalled requests go, then close."""
        self.released.set()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


class _FileHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_HEAD(self) -> None:
        if not self.server.heads:
            self._answer(405)
        else:
            self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        span = self.headers.get("Range", "")
        self.server.requests.append((self.command, path, span))
        self.server.headers_seen.append(dict(self.headers))
        fault = self.server.faults[path].pop(0) if self.server.faults.get(path) else ""
        if fault.isdigit():
            self._answer(int(fault))
        elif path in self.server.redirects:
            self._answer(302, {"Location": self.server.redirects[path]})
        elif path not in self.server.files:
            self._answer(404)
        else:
            now = self.server.changes.get(path, {}).get(self.command, self.server.files[path])
            self._send(now, span, fault)

    def _send(self, data: bytes, span: str, fault: str) -> None:
        tag = f'"{len(data)}-{hash(data)}"'
        headers = {"ETag": tag, **self.server.extra}
        if fault == "silent":
            self.server.released.wait(60)
            self.close_connection = True
            return
        status, start, stop = 200, 0, len(data)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", span)
        if self.server.ranges and wanted and self.headers.get("If-Range", tag) == tag:
            status, start = 206, int(wanted[1])
            stop = min(int(wanted[2]) + 1, stop) if wanted[2] else stop
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(stop - start)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if not fault:
            self.wfile.write(data[start:stop])
            return
        kind, _, after = fault.partition(":")
        self.wfile.write(data[start : start + int(after)])
        self.wfile.flush()
        if kind == "stall":
            self.server.released.wait(60)
        self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status, self.server.phrase)
        for name, value in {"Content-Length": "0", **self.server.extra, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Tests print nothing."""


class FaultyProxy(ThreadingHTTPServer):
    """Between an S3 client and its server; ``fault(method, path, count)`` says what goes wrong.

    It returns a status to answer in the server's place, ``drop`` to hang up half-way through the
    answer, ``bye`` to hang up after it, ``lose`` to hang up in its place, or "" to let
    it pass. ``count`` is how often
    that method and path were asked for.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        self.upstream = urlsplit(upstream).netloc
        self.fault: Callable[[str, str, int], str] = lambda method, path, count: ""
        self.counts: dict[tuple[str, str], int] = {}
        self.accepted = 0

    def get_request(self) -> Any:
        """Count the connections."""
        self.accepted += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _forward(self) -> None:
        body = self._body()
        key = (self.command, self.path)
        count = self.server.counts[key] = self.server.counts.get(key, 0) + 1
        fault = self.server.fault(self.command, self.path, count)
        if fault.isdigit():
            self.send_response(int(fault))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "transfer-encoding"}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        data = answer.read()
        if fault == "lose":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        if answer.getheader("Content-Length") is None:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        upstream.close()
        if self.command == "HEAD":
            return
        self.wfile.write(data[: len(data) // 2] if fault == "drop" else data)
        self.close_connection = fault in ("drop", "bye")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _forward

    def log_message(self, *args: Any) -> None:
        """Tests print nothing."""


class Listing(ThreadingHTTPServer):
    """An S3 service with one bucket of ``count`` objects, of which nothing but names can be had."""

    daemon_threads = True

    def __init__(self, *, count: int) -> None:
        super().__init__(("127.0.0.1", 0), _ListingHandler)
        self.count = count


class _ListingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listing

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        start = int(asked.get("continuation-token", ["0"])[0])
        stop = min(start + 1000, self.server.count)
        keys = "".join(
            f"<Contents><Key>folder-{n // 100:05}/name-{n:07}.bin</Key><Size>1</Size></Contents>"
            for n in range(start, stop)
        )
        more = stop < self.server.count
        token = f"<NextContinuationToken>{stop}</NextContinuationToken>" if more else ""
        body = (
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{keys}{token}'
            f"<IsTruncated>{str(more).lower()}</IsTruncated></ListBucketResult>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Tests print nothing."""
