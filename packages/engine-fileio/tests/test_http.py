"""Files over HTTP, from a server with faults."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fileio_contract import ReadOnlyContract, Seed
from fileio_servers import FileServer, certificate, free_port

from engine_fileio import HTTPBackend
from engine_fileio.errors import RemoteError, TooLargeError, UnreachableError


class TestHTTPBackend(ReadOnlyContract):
    @pytest.fixture
    def store(self) -> Iterator[HTTPBackend]:
        store = HTTPBackend(read_timeout=10)
        yield store
        store.close()

    @pytest.fixture
    def root(self, files: FileServer) -> str:
        return f"{files.url}/data"

    @pytest.fixture
    def seed(self, files: FileServer) -> Seed:
        def put(name: str, data: bytes) -> str:
            files.files[f"data/{name}"] = data
            return f"{files.url}/data/{quote(name)}"

        return put


DATA = bytes(range(251)) * 20_000  # 5 MB


@pytest.fixture
def store() -> Iterator[HTTPBackend]:
    store = HTTPBackend(read_timeout=0.5, connect_timeout=2, retries=3)
    yield store
    store.close()


@pytest.fixture
def url(files: FileServer) -> str:
    files.files["x.bin"] = DATA
    return f"{files.url}/x.bin"


@pytest.mark.parametrize("fault", ["drop:2000000", "stall:1500000"])
def test_a_broken_download_goes_on_where_it_stopped(
    store: HTTPBackend, files: FileServer, url: str, fault: str
) -> None:
    files.faults["x.bin"] = [fault, "drop:1000000"]
    assert store.get(url) == DATA
    ranges = [span for _, _, span in files.requests]
    assert ranges[0] == ""
    assert all(span.startswith("bytes=") for span in ranges[1:])
    assert len(ranges) == 3


def test_a_broken_download_to_a_file_goes_on_too(
    store: HTTPBackend, files: FileServer, url: str, tmp_path: Path
) -> None:
    files.faults["x.bin"] = ["drop:2000000"]
    store.copyfile_to_local(url, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA


def test_without_ranges_it_begins_anew(
    store: HTTPBackend, files: FileServer, url: str, tmp_path: Path
) -> None:
    files.ranges = False
    files.faults["x.bin"] = ["drop:2000000"]
    assert store.get(url) == DATA
    files.faults["x.bin"] = ["drop:3000000"]
    store.copyfile_to_local(url, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_begins_anew(files: FileServer, url: str) -> None:
    files.faults["x.bin"] = ["drop:2000000"]
    store = HTTPBackend(retries=3)
    blocks = []
    for block in store._blocks(url, None):
        blocks.append(block)
        files.files["x.bin"] = DATA[::-1]
    begun = max(index for index, block in enumerate(blocks) if block.offset == 0)
    assert b"".join(block.data for block in blocks[begun:]) == DATA[::-1]
    store.close()


@pytest.mark.parametrize("status", ["503", "429", "500"])
def test_a_server_that_is_busy_is_asked_again(
    store: HTTPBackend, files: FileServer, url: str, status: str
) -> None:
    files.faults["x.bin"] = [status, status]
    assert store.get(url) == DATA
    assert len(files.requests) == 3


def test_a_server_that_stays_busy_is_given_up(
    store: HTTPBackend, files: FileServer, url: str, tmp_path: Path
) -> None:
    files.faults["x.bin"] = ["503"] * 10
    with pytest.raises(UnreachableError, match=r"x\.bin.*503"):
        store.copyfile_to_local(url, tmp_path / "x")
    assert len(files.requests) == 4
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_goes_silent_is_given_up(
    store: HTTPBackend, files: FileServer, url: str, tmp_path: Path
) -> None:
    files.faults["x.bin"] = ["stall:0"] * 10
    with pytest.raises(UnreachableError, match=r"x\.bin"):
        store.copyfile_to_local(url, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_server_is_named() -> None:
    store = HTTPBackend(retries=1)
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1"):
        store.get(f"http://127.0.0.1:{free_port()}/x")


@pytest.mark.parametrize(
    ("status", "kind"), [("401", PermissionError), ("403", PermissionError), ("418", RemoteError)]
)
def test_a_refusal_is_told_at_once(
    store: HTTPBackend, files: FileServer, url: str, status: str, kind: type[Exception]
) -> None:
    files.faults["x.bin"] = [status]
    with pytest.raises(kind, match=status):
        store.get(url)
    assert len(files.requests) == 1


def test_redirects_are_followed(store: HTTPBackend, files: FileServer, url: str) -> None:
    files.redirects["old"] = "/older"
    files.redirects["older"] = url
    assert store.get(f"{files.url}/old") == DATA


def test_endless_redirects_end(store: HTTPBackend, files: FileServer) -> None:
    files.redirects["a"] = "/a"
    with pytest.raises(RemoteError, match="too many redirects"):
        store.get(f"{files.url}/a")


def test_a_login_is_not_carried_to_another_host(files: FileServer, url: str) -> None:
    other = url.replace("127.0.0.1", "localhost")
    files.redirects["away"] = other
    store = HTTPBackend()
    assert store.get(files.url.replace("//", "//user:secret@") + "/away") == DATA
    first, second = files.headers_seen
    assert first["Authorization"].startswith("Basic ")
    assert "Authorization" not in second
    store.close()


def test_a_message_has_no_secrets(store: HTTPBackend, files: FileServer) -> None:
    address = files.url.replace("//", "//user:secret@") + "/no?signature=hidden"
    with pytest.raises(FileNotFoundError, match="/no") as caught:
        store.get(address)
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_file_above_the_limit_is_refused(files: FileServer, url: str) -> None:
    store = HTTPBackend(max_bytes=1_000_000)
    with pytest.raises(TooLargeError, match="max_bytes=1000000"):
        store.get(url)
    files.files["small"] = b"x"
    assert store.get(f"{files.url}/small") == b"x"
    store.close()


def test_headers_are_sent(files: FileServer, url: str) -> None:
    store = HTTPBackend(headers={"X-Token": "t"})
    store.get(url)
    assert files.headers_seen[0]["X-Token"] == "t"
    store.close()


def test_a_proxy_of_the_environment_is_used(
    files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.files["x"] = b"through the proxy"
    monkeypatch.setenv("http_proxy", files.url)
    store = HTTPBackend(retries=0)
    assert store.get("http://nowhere.invalid/x") == b"through the proxy"
    monkeypatch.setenv("no_proxy", "nowhere.invalid")
    with pytest.raises(UnreachableError, match="nowhere"):
        store.get("http://nowhere.invalid/x")
    store.close()


def test_a_server_without_head_is_asked_for_a_byte(
    store: HTTPBackend, files: FileServer, url: str
) -> None:
    files.heads = False
    assert store.isfile(url)
    assert store.info(url).size == len(DATA)
    assert not store.isfile(f"{files.url}/no")


def test_certificates_are_verified(files: FileServer, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    files.files["x"] = b"data"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    files.socket = context.wrap_socket(files.socket, server_side=True)
    address = files.url.replace("http://", "https://") + "/x"
    trusting, doubting = HTTPBackend(ca_certs=str(cert)), HTTPBackend(retries=0)
    assert trusting.get(address) == b"data"
    with pytest.raises((RemoteError, UnreachableError), match="certificate verify failed"):
        doubting.get(address)
    trusting.close()
    doubting.close()
