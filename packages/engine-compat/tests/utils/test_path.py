"""Files and folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mmengine.utils import (
    check_file_exist,
    fopen,
    is_abs,
    is_filepath,
    mkdir_or_exist,
    scandir,
    symlink,
)
from mmengine.utils.path import find_vcs_root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.PNG", ".hidden.txt", "in/c.txt", "in/.no/d.txt", ".git/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_files_are_listed_without_hidden_ones(folder: Path) -> None:
    assert sorted(scandir(folder)) == ["a.txt", "b.PNG"]
    inside = os.path.join("in", "c.txt")  # noqa: PTH118 - as it is told
    assert sorted(scandir(str(folder), recursive=True)) == ["a.txt", "b.PNG", inside]
    assert list(scandir(folder, ".txt")) == ["a.txt"]
    assert list(scandir(folder, ".png")) == []
    assert list(scandir(folder, (".png", ".jpg"), case_sensitive=False)) == ["b.PNG"]


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(TypeError, match="dir_path must be"):
        list(scandir(3))
    with pytest.raises(TypeError, match="suffix must be"):
        list(scandir(".", suffix=3))
    with pytest.raises(ValueError, match="filepath must be"):
        fopen(3)
    assert is_filepath("a")
    assert not is_filepath(3)


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    for _ in range(2):
        mkdir_or_exist(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
    mkdir_or_exist("")


def test_a_file_that_is_missing_is_told_in_the_given_words(folder: Path) -> None:
    check_file_exist(str(folder / "a.txt"))
    with pytest.raises(FileNotFoundError, match=r"^no nothing\.txt here$"):
        check_file_exist("nothing.txt", "no {} here")
    with fopen(folder / "a.txt", "rb") as file:
        assert file.read() == b"a.txt"


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
def test_a_link_replaces_what_is_there(folder: Path) -> None:
    link = folder / "link"
    symlink(folder / "a.txt", link)
    symlink(folder / "b.PNG", link)
    assert link.read_text() == "b.PNG"
    with pytest.raises(FileExistsError):
        symlink(folder / "a.txt", link, overwrite=False)


def test_the_root_of_a_source_tree_is_found(folder: Path) -> None:
    assert find_vcs_root(folder / "in" / "c.txt") == str(folder)
    assert find_vcs_root(folder / "in", markers=(".nothing",)) is None


def test_addresses_are_absolute() -> None:
    assert is_abs(os.path.abspath("a"))  # noqa: PTH100 - a text is asked for
    assert is_abs("s3://bucket/key")
    assert is_abs("https://host/a")
    assert not is_abs("a/b")
