"""Files in this process's memory."""

from __future__ import annotations

import pytest
from fileio_contract import MB, FolderContract

from engine_fileio import MemoryBackend


class TestMemoryBackend(FolderContract):
    versioned = True

    peak = 220 * MB  # the file is kept in memory

    @pytest.fixture
    def store(self) -> MemoryBackend:
        return MemoryBackend()

    @pytest.fixture
    def root(self, request: pytest.FixtureRequest) -> str:
        return f"memory://{request.node.name}"


def test_a_dict_of_ones_own_is_not_shared() -> None:
    files: dict[str, bytes] = {}
    MemoryBackend(files=files).put(b"x", "memory://own/x")
    assert files == {"own/x": b"x"}
    assert not MemoryBackend().exists("memory://own/x")
