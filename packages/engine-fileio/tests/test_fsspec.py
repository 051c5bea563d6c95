"""Places that fsspec knows."""

from __future__ import annotations

import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import MB, FolderContract

from engine_fileio import FsspecBackend, get_file_backend, get_text
from engine_fileio.errors import UnsupportedError


class TestFsspecLocalFiles(FolderContract):
    exclusive = False  # the driver looks first, and then writes

    @pytest.fixture
    def store(self) -> FsspecBackend:
        return FsspecBackend()

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return f"local://{tmp_path.as_posix()}/root"


class TestFsspecMemory(FolderContract):
    exclusive = False  # the driver looks first, and then writes
    peak = 330 * MB  # the file is kept in memory, and grows by copies

    @pytest.fixture
    def store(self) -> FsspecBackend:
        return FsspecBackend()

    @pytest.fixture
    def root(self) -> str:
        return f"memory://{uuid4().hex}"


def test_a_scheme_of_fsspecs_is_found_by_its_prefix(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("inside.txt", "zipped")
    args = {"fo": str(tmp_path / "x.zip")}
    assert isinstance(get_file_backend("zip://inside.txt"), FsspecBackend)
    assert get_text("zip://inside.txt", backend_args=args) == "zipped"


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(ImportError, match=r"abfs://box/x.*adlfs"):
        get_text("abfs://box/x")


def test_an_upload_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(20 * MB))
    target = tmp_path / "target"

    def fail(done: int, total: int | None) -> None:
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        FsspecBackend().copyfile_from_local(
            tmp_path / "x", f"local://{target.as_posix()}", progress=fail
        )
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_signs_no_urls_says_so() -> None:
    with pytest.raises(UnsupportedError, match="MemoryFileSystem"):
        FsspecBackend().generate_presigned_url("memory://x")
