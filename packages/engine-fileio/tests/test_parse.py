"""Lists and dictionaries in text files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_fileio import MemoryBackend, dict_from_file, list_from_file

# What MMEngine 0.10.7 answers
LISTS = [
    (b"", []),
    (b"\n", [""]),
    (b"a", ["a"]),
    (b"a\n\n", ["a", ""]),
    (b"\n\na", ["", "", "a"]),
    (b"a\r\nb\r\n", ["a", "b"]),
    (b"  \n", ["  "]),
    (b"a \t b\n", ["a \t b"]),
    ("a\x0bb\x0cc\u2028d\n".encode(), ["a\x0bb\x0cc\u2028d"]),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "lines.txt").write_text("cat\ndog\n\nbird  \n  x y\n")
    return tmp_path / "lines.txt"


@pytest.mark.parametrize(("data", "lines"), LISTS)
def test_lines_are_what_mmengine_reads(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    (tmp_path / "x").write_bytes(data)
    assert list_from_file(tmp_path / "x") == lines
    MemoryBackend().put(data, "memory://parse/x")
    assert list_from_file("memory://parse/x") == lines


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ({}, ["cat", "dog", "", "bird  ", "  x y"]),
        ({"prefix": "p_"}, ["p_cat", "p_dog", "p_", "p_bird  ", "p_  x y"]),
        ({"offset": 1}, ["dog", "", "bird  ", "  x y"]),
        ({"max_num": 2}, ["cat", "dog"]),
        ({"offset": 1, "max_num": 2}, ["dog", ""]),
        ({"offset": -1, "max_num": -1}, ["cat", "dog", "", "bird  ", "  x y"]),
        ({"max_num": 100}, ["cat", "dog", "", "bird  ", "  x y"]),
        ({"offset": 100}, []),
    ],
)
def test_a_part_of_the_lines_is_taken(
    path: Path, arguments: dict[str, object], lines: list[str]
) -> None:
    assert list_from_file(path, **arguments) == lines  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))))
def test_lines_come_back(lines: list[str]) -> None:
    MemoryBackend().put("".join(f"{line}\n" for line in lines).encode(), "memory://parse/back")
    assert list_from_file("memory://parse/back") == lines


def test_an_encoding_is_used(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xe4 1")
    assert list_from_file(tmp_path / "x", encoding="latin-1") == ["ä 1"]
    assert dict_from_file(tmp_path / "x", encoding="latin-1") == {"ä": "1"}


def test_keys_and_values_are_split_at_spaces(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1 cat\n 2\tdog  cow \n3 panda")
    assert dict_from_file(tmp_path / "x") == {"1": "cat", "2": ["dog", "cow"], "3": "panda"}
    assert dict_from_file(tmp_path / "x", key_type=int) == {
        1: "cat",
        2: ["dog", "cow"],
        3: "panda",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b\nc\n", r"x:2: expected a key and a value, got 'c\\n'"),
        ("a b\n\n", r"x:2: expected a key and a value, got '\\n'"),
        ("1 b\nk b\n", "x:2: bad key 'k': invalid literal"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(ValueError, match=message):
        dict_from_file(tmp_path / "x", key_type=int if text[0] == "1" else str)
