"""Places that fsspec knows."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import MB, FolderContract

from engine_fileio import FsspecBackend


class TestFsspecLocalFiles(FolderContract):
    @pytest.fixture
    def store(self) -> FsspecBackend:
        return FsspecBackend()

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return f"local://{tmp_path.as_posix()}/root"


class TestFsspecMemory(FolderContract):
    peak = 330 * MB  # the file is kept in memory, and grows by copies

    @pytest.fixture
    def store(self) -> FsspecBackend:
        return FsspecBackend()

    @pytest.fixture
    def root(self) -> str:
        return f"memory://{uuid4().hex}"
