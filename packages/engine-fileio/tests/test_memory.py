"""Files in this process's memory."""

from __future__ import annotations

from pathlib import Path

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


def test_a_target_that_ends_in_a_slash_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    store = MemoryBackend(files={})
    for copy, source in (
        (store.copyfile_from_local, tmp_path / "a"),
        (store.copyfile, "memory://backup/a"),
    ):
        target = f"memory://{copy.__name__}/" if copy == store.copyfile else "memory://backup/"
        assert copy(source, target) == f"{target}a"
        assert store.get(f"{target}a") == b"x" and not store.isfile(target)
