"""Files in an LMDB database."""

from __future__ import annotations

from pathlib import Path

import pytest
from fileio_contract import FolderContract

from engine_fileio import LmdbBackend


class TestLmdbBackend(FolderContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LmdbBackend:
        return LmdbBackend(tmp_path / "base", readonly=False)

    @pytest.fixture
    def root(self) -> str:
        return "root"
