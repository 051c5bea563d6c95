"""Places that fsspec's drivers reach over a network, each with a real server on the loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import fsspec_servers as servers
import pytest
from fileio_contract import MB, FolderContract, ReadContract, Seed
from fileio_servers import FileServer

from engine_fileio import BaseStorageBackend, FsspecBackend
from engine_fileio.errors import UnsupportedError

Options = dict[str, object]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Options]:
    with servers.sshd(tmp_path_factory.mktemp("sshd")) as options:
        yield options


@pytest.fixture(scope="module")
def webdav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Options]:
    with servers.webdav(tmp_path_factory.mktemp("webdav")) as options:
        yield options


@pytest.fixture(scope="module")
def google() -> Iterator[Options]:
    with servers.google() as options:
        yield options


@pytest.mark.skipif(os.name == "nt", reason="the server needs Unix")
class TestSftp(FolderContract):
    exclusive = False  # several threads of one client may win
    peak = 6 * MB  # of 10

    @pytest.fixture
    def large(self, tmp_path: Path) -> Path:
        """Of 10 MB: paramiko takes seconds for each, in Python."""
        (tmp_path / "large").write_bytes(os.urandom(10 * MB))
        return tmp_path / "large"

    @pytest.fixture
    def store(self, sshd: Options) -> FsspecBackend:
        return FsspecBackend(**sshd)

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return f"sftp://127.0.0.1{tmp_path.as_posix()}/root"


class TestWebdav(FolderContract):
    without = ("a+b&c=d%20#e.bin", "what?.bin", "two\nlines.bin")  # the driver refuses to send them
    conditional = False
    whole = False  # the server writes into the file that others read

    @pytest.fixture
    def store(self, webdav: Options) -> FsspecBackend:
        return FsspecBackend(**webdav)

    @pytest.fixture
    def root(self) -> str:
        return f"webdav://{uuid4().hex}"


class TestGoogle(FolderContract):
    exclusive = False  # the emulator ignores conditions

    @pytest.fixture
    def large(self, tmp_path: Path) -> Path:
        """Of 1 MB: the emulator knows no uploads in parts."""
        (tmp_path / "large").write_bytes(os.urandom(MB))
        return tmp_path / "large"

    def test_overwrite_false_keeps_what_is_there(
        self, store: BaseStorageBackend, root: str
    ) -> None:
        pytest.skip("the emulator ignores the condition that the driver sends")

    @pytest.fixture
    def store(self, google: Options) -> FsspecBackend:
        return FsspecBackend(**google)

    @pytest.fixture
    def root(self) -> str:
        return f"gs://bucket/{uuid4().hex}"


class TestHttp(ReadContract):
    peak = 330 * MB

    @pytest.fixture
    def store(self) -> FsspecBackend:
        return FsspecBackend()

    @pytest.fixture
    def root(self, files: FileServer) -> str:
        return f"{files.url}/data"

    @pytest.fixture
    def seed(self, files: FileServer) -> Seed:
        def put(name: str, data: bytes) -> str:
            files.files[f"data/{name}"] = data
            return f"{files.url}/data/{quote(name)}"

        return put

    def test_writing_is_refused_in_words(self, store: FsspecBackend, root: str) -> None:
        with pytest.raises(UnsupportedError, match="FsspecBackend does not support put"):
            store.put(b"", f"{root}/x")
