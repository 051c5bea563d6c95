"""Servers on the loopback, started once for all tests that use them."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

# pytest's importlib mode leaves this folder off the path; the two modules here are for tests only
sys.path.insert(0, str(Path(__file__).parent))

import fileio_servers as servers


@pytest.fixture(scope="module", autouse=True)
def _clients_collected() -> Iterator[None]:
    """boto3's clients leave their sockets to the garbage collector: not to another test's turn."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def no_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever runs the tests may have credentials and proxies: they are not to be used."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 100 MB."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    block = bytes(range(250)) * 4000
    with path.open("wb") as file:
        for n in range(100):
            file.write(bytes([n]) + block[1:])
    return path


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of moto's S3."""
    with servers.moto() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of rclone's S3."""
    folder = tmp_path_factory.mktemp("rclone") / "served"
    folder.mkdir()
    with servers.rclone_s3(folder) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def memcached() -> Iterator[str]:
    """memcached's ``host:port``."""
    with servers.memcached() as where:
        yield where


@pytest.fixture
def files() -> Iterator[servers.FileServer]:
    """A server of files over HTTP; its ``url`` is where."""
    server = servers.FileServer()
    with servers.threaded(server):
        yield server
