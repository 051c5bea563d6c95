"""Files of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fileio_contract import FolderContract

from engine_fileio import LocalBackend


class TestLocalBackend(FolderContract):
    versioned = True
    hides = True

    @pytest.fixture
    def store(self) -> LocalBackend:
        return LocalBackend()

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return str(tmp_path / "root")


def test_a_local_path_is_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with LocalBackend().get_local_path(tmp_path / "x") as path:
        assert path == str(tmp_path / "x")
    assert (tmp_path / "x").exists()


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    store, address = LocalBackend(), (tmp_path / "with space").as_uri()
    store.put(b"x", address)
    assert (tmp_path / "with space").read_bytes() == b"x"
    assert store.get(address) == b"x"


def test_hidden_files_are_not_listed(tmp_path: Path) -> None:
    for name in (".hidden", "seen", ".folder/x"):
        LocalBackend().put(b"", tmp_path / name)
    found = sorted(LocalBackend().list_dir_or_file(tmp_path, recursive=True))
    assert found == [".folder", os.path.join(".folder", "x"), "seen"]  # noqa: PTH118


def test_line_ends_are_read_as_one_character(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\r\nb\rc\n")
    assert LocalBackend().get_text(tmp_path / "x") == "a\nb\nc\n"


def test_paths_join_as_the_system_joins_them() -> None:
    joined = LocalBackend().join_path("./a/", "b/")
    assert joined == os.path.join("./a/", "b/")  # noqa: PTH118
    assert LocalBackend().join_path("a", os.sep + "b") == os.sep + "b"


def test_a_copy_keeps_the_permission_bits(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    (tmp_path / "run").chmod(0o500)
    LocalBackend().copyfile(tmp_path / "run", tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_mode == (tmp_path / "run").stat().st_mode


def test_a_link_to_a_folder_is_made(tmp_path: Path) -> None:
    LocalBackend().put(b"x", tmp_path / "folder" / "x")
    assert LocalBackend().copy_if_symlink_fails(tmp_path / "folder", tmp_path / "link")
    assert (tmp_path / "link" / "x").read_bytes() == b"x"


def test_where_a_link_cannot_be_a_copy_is_made(tmp_path: Path) -> None:
    LocalBackend().put(b"new", tmp_path / "new")
    LocalBackend().put(b"old", tmp_path / "taken")
    assert not LocalBackend().copy_if_symlink_fails(tmp_path / "new", tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == b"new"
    assert not (tmp_path / "taken").is_symlink()


def test_paths_go_in_and_text_comes_out(tmp_path: Path) -> None:
    store, source, folder = LocalBackend(), tmp_path / "x", tmp_path / "folder"
    store.put(b"x", source)
    store.put(b"x", folder / "y")
    for copy in (store.copyfile, store.copyfile_from_local, store.copyfile_to_local):
        assert copy(source, tmp_path / copy.__name__) == str(tmp_path / copy.__name__)
        assert copy(source, folder) == str(folder / "x")
    for copy in (store.copytree, store.copytree_from_local, store.copytree_to_local):
        assert copy(folder, tmp_path / copy.__name__) == str(tmp_path / copy.__name__)
    assert store.join_path(folder, Path("y")) == str(folder / "y")


def test_a_tilde_is_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERPROFILE" if os.name == "nt" else "HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    store = LocalBackend()
    store.put(b"home", "~/a/x")
    assert (tmp_path / "a" / "x").read_bytes() == store.get(Path("~/a/x")) == b"home"
    assert store.copyfile("~/a/x", "~/a/y") == str(tmp_path / "a" / "y")
    assert store.isdir("~")
    store.put(b"a name", "~x")
    store.put(b"a name", "./~/x")
    assert (tmp_path / "~x").read_bytes() == (tmp_path / "~" / "x").read_bytes() == b"a name"
