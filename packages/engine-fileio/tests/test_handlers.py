"""What the formats make of values that are not plain."""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path

import pytest
import yaml

from engine_fileio import dump, load
from engine_fileio.errors import UntrustedError


class Array:
    """It can do what numpy's arrays and torch's tensors can."""

    def __init__(self, values: object) -> None:
        self.values = values

    def tolist(self) -> object:
        return self.values


class Text(str):
    """A subclass of a plain type."""


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_arrays_sets_and_ranges_become_lists(kind: str) -> None:
    value = {"a": Array([[1, 2]]), "s": Array(1.5), "r": range(3), "t": (1, 2)}
    read = load(io.StringIO(dump(value, file_format=kind)), file_format=kind)
    assert read == {"a": [[1, 2]], "s": 1.5, "r": [0, 1, 2], "t": [1, 2]}
    assert dump({7}, file_format="json") == "[7]"


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_what_cannot_be_written_is_named(kind: str) -> None:
    with pytest.raises(TypeError, match=r"cannot write a pathlib\..*dump as pickle"):
        dump({"a": Path("x")}, file_format=kind)


def test_a_file_is_not_begun_with_what_cannot_be_written(tmp_path: Path) -> None:
    for name in ("x.json", "x.yaml", "x.pkl"):
        with pytest.raises((TypeError, AttributeError, ValueError, Exception)):
            dump({"a": (n for n in ())}, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_subclasses_of_plain_types_are_written_plainly() -> None:
    value = OrderedDict(b=Text("x"), a=True)
    assert dump(value, file_format="yaml", sort_keys=False) == "b: x\na: true\n"


def test_yaml_has_tuples() -> None:
    assert load(io.StringIO("a: !!python/tuple [1, [2]]"), file_format="yaml") == {"a": (1, [2])}


@pytest.mark.parametrize("tag", ["!!python/name:os.sep", "!!python/object/apply:os.getcwd []"])
def test_yaml_makes_no_python_objects_unless_told(tag: str) -> None:
    with pytest.raises(UntrustedError, match=r"Loader=yaml\.UnsafeLoader"):
        load(io.StringIO(f"a: {tag}"), file_format="yaml")
    assert load(io.StringIO(f"a: {tag}"), file_format="yaml", Loader=yaml.UnsafeLoader)["a"]


def test_bad_yaml_says_where() -> None:
    with pytest.raises(yaml.YAMLError, match="line 2"):
        load(io.StringIO("a: 1\nb: [1"), file_format="yaml")
    with pytest.raises(yaml.YAMLError, match="unknown"):
        load(io.StringIO("a: !unknown 1"), file_format="yaml")
