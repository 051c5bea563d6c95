"""Files of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fileio_contract import FolderContract

import engine_fileio as fileio
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


def test_what_comes_out_for_a_path_is_what_mmengine_gives(tmp_path: Path) -> None:
    store, source, folder = LocalBackend(), tmp_path / "x", tmp_path / "folder"
    store.put(b"x", source)
    store.put(b"x", folder / "y")
    for copy in (store.copyfile, store.copyfile_from_local, store.copyfile_to_local):
        target = tmp_path / copy.__name__
        assert copy(str(source), target) == target and copy(source, str(target)) == str(target)
        assert copy(source, folder) == copy(source, str(folder)) == str(folder / "x")
    for copy in (store.copytree, store.copytree_from_local, store.copytree_to_local):
        target = tmp_path / copy.__name__
        assert copy(folder, target) == target
        assert copy(folder, f"{target}2") == f"{target}2"
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


WRITES = {
    "put": lambda to: fileio.put(b"q", to),
    "put_text": lambda to: fileio.put_text("q", to),
    "put if none": lambda to: fileio.put(b"q", to, if_none_match=True),
    "dump": lambda to: fileio.dump({}, to, file_format="json"),
    "copyfile": lambda to: fileio.copyfile("a.txt", to),
    "copyfile_from_local": lambda to: fileio.copyfile_from_local("a.txt", to),
    "copyfile_to_local": lambda to: fileio.copyfile_to_local("a.txt", to),
    "copyfile_to_local of memory": lambda to: fileio.copyfile_to_local("memory://slash", to),
    "link": lambda to: fileio.copy_if_symlink_fails("a.txt", to),
}
READS = {
    "get": fileio.get,
    "get_text": fileio.get_text,
    "info": fileio.info,
    "remove": fileio.remove,
    "load": lambda path: fileio.load(path, file_format="json"),
    "copyfile": lambda path: fileio.copyfile(path, "copy"),
    "copyfile_from_local": lambda path: fileio.copyfile_from_local(path, "memory://copy"),
    "copytree": lambda path: fileio.copytree(path, "copy"),
    "copytree_from_local": lambda path: fileio.copytree_from_local(path, "memory://copies"),
    "rmtree": fileio.rmtree,
    "list": lambda path: list(fileio.list_dir_or_file(path)),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("1")
    Path("folder").mkdir()
    fileio.put(b"1", "memory://slash")
    return tmp_path


def seen(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("to", ["new/", "new/.", "a.txt/", "a.txt/.", "file://HERE/new/"])
def test_a_path_with_a_slash_at_its_end_is_of_no_file(here: Path, write: str, to: str) -> None:
    before = seen(here)
    with pytest.raises((FileNotFoundError, IsADirectoryError, NotADirectoryError)):
        WRITES[write](to.replace("HERE", here.as_posix()))
    assert seen(here) == before


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("path", ["a.txt/", "a.txt/."])
def test_nothing_is_read_from_a_file_with_a_slash_behind_it(
    here: Path, read: str, path: str
) -> None:
    before = seen(here)
    with pytest.raises((FileNotFoundError, NotADirectoryError)):
        READS[read](path)
    assert seen(here) == before


@pytest.mark.parametrize("path", ["", "file://"])
def test_an_empty_path_is_of_nothing(here: Path, path: str) -> None:
    before = seen(here)
    for act in (*READS.values(), *WRITES.values()):
        with pytest.raises(FileNotFoundError):
            act(path)
    with pytest.raises(FileNotFoundError):
        fileio.copytree("folder", path)
    assert not fileio.exists(path)
    assert not fileio.isfile(path)
    assert not fileio.isdir(path)
    assert seen(here) == before


def test_a_copy_goes_into_a_folder_with_a_slash(here: Path) -> None:
    assert fileio.copyfile("a.txt", "folder/") == "folder/a.txt"
    assert fileio.get("folder//./a.txt") == b"1"


def test_a_file_address_is_of_this_machine(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("USERPROFILE", str(here))
    for address in (f"file://localhost{here}/a.txt", f"file://LOCALHOST{here}/a.txt"):
        assert fileio.get(address) == b"1"
    assert fileio.get("file://~/a%2Etxt") == b"1"
    for address in ("file://host/x", "file://localhosts/x", "file://user@host/x", "file://a.txt"):
        for act in (fileio.get, fileio.exists, lambda to: fileio.copyfile("a.txt", to)):
            with pytest.raises(ValueError, match="of the host"):
                act(address)


@pytest.mark.skipif(os.name == "nt", reason="a backslash is a slash there")
def test_a_backslash_in_a_name_loses_no_file(here: Path) -> None:
    (here / "d" / "a").mkdir(parents=True)
    (here / "d" / "a" / "b").write_bytes(b"in a folder")
    (here / "d" / "a\\b").write_bytes(b"beside it")
    fileio.copytree("d", "e")
    assert fileio.get("e/a\\b") == b"beside it"
    assert fileio.copyfile("d/a\\b", "folder") == "folder/a\\b"
    with pytest.raises(ValueError, match="has a backslash"):
        fileio.copytree_from_local("d", "memory://backslash")
    assert not fileio.exists("memory://backslash")
    fileio.put(b"", "memory://backslash/x")
    with pytest.raises(ValueError, match="has a backslash"):
        fileio.copyfile_from_local("d/a\\b", "memory://backslash")


@pytest.mark.parametrize("inside", ["copy", "sub/copy", "sub/new/copy", "link/copy"])
def test_a_folder_that_is_copied_into_itself_is_copied_once(here: Path, inside: str) -> None:
    fileio.put(b"x", "folder/sub/x")
    Path("folder/link").symlink_to("sub")
    fileio.copytree("folder", f"folder/{inside}")
    assert fileio.get(f"folder/{inside}/sub/x") == b"x"
    copy = here / "folder" / inside
    assert len([path for path in copy.rglob("*") if path.name == "copy"]) == 0
