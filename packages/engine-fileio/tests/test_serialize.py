"""Objects to files and back."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_fileio import BaseFileHandler, PickleHandler, dump, load, put, register_handler
from engine_fileio.errors import UnknownFormatError, UntrustedError
from engine_fileio.handlers import file_handlers

FORMATS = ["json", "yaml", "yml", "pickle", "pkl"]
SQUEEZED = ["", ".gz", ".bz2", ".xz", ".zst"]
VALUE = {"a": [1, 2.5, None, True], "b": "ü 漢", "c": {"d": []}}

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("aé\n: #'"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("kö-"), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("squeezed", SQUEEZED)
@pytest.mark.parametrize("kind", FORMATS)
def test_a_value_comes_back_by_suffix(tmp_path: Path, kind: str, squeezed: str) -> None:
    path = tmp_path / "new" / f"x.{kind}{squeezed}"
    dump(VALUE, path)
    assert load(path) == VALUE
    assert load(str(path)) == VALUE
    dump(VALUE, f"memory://serialize/x.{kind}{squeezed}")
    assert load(f"memory://serialize/x.{kind}{squeezed}") == VALUE


@pytest.mark.parametrize("squeezed", SQUEEZED)
@pytest.mark.parametrize("kind", FORMATS)
def test_a_value_comes_back_by_format(tmp_path: Path, kind: str, squeezed: str) -> None:
    text = dump(VALUE, file_format=kind + squeezed)
    data = text.encode() if isinstance(text, str) else text
    assert load(io.BytesIO(data), file_format=kind + squeezed) == VALUE
    dump(VALUE, tmp_path / "no suffix", file_format=kind + squeezed)
    assert load(tmp_path / "no suffix", file_format=kind + squeezed) == VALUE
    with (tmp_path / "open").open("wb" if squeezed or kind[0] == "p" else "w") as file:
        dump(VALUE, file, file_format=kind + squeezed)
    with (tmp_path / "open").open("rb") as file:
        assert load(file, file_format=kind + squeezed) == VALUE


@given(plain)
@pytest.mark.parametrize("kind", ["json", "yaml", "pkl"])
def test_any_plain_value_comes_back(kind: str, value: Any) -> None:
    text = dump(value, file_format=kind)
    file = io.StringIO(text) if isinstance(text, str) else io.BytesIO(text)
    assert load(file, file_format=kind) == value


def test_a_format_wins_over_the_suffix(tmp_path: Path) -> None:
    dump([1], tmp_path / "x.txt", file_format="json")
    assert load(tmp_path / "x.txt", file_format="json") == [1]
    dump([1], tmp_path / "x.txt.gz", file_format="json")
    assert load(tmp_path / "x.txt.gz", file_format="json") == [1]


def test_the_same_value_is_squeezed_to_the_same_bytes() -> None:
    assert dump(VALUE, file_format="json.gz") == dump(VALUE, file_format="json.gz")


@pytest.mark.parametrize("squeezed", SQUEEZED[1:])
def test_a_damaged_file_is_no_success(tmp_path: Path, squeezed: str) -> None:
    path = tmp_path / f"x.json{squeezed}"
    dump(list(range(1000)), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=f"not a {squeezed} file, or a damaged one"):
        load(path)
    path.write_bytes(path.read_bytes()[:10] + b"garbage" * 100)
    with pytest.raises(ValueError, match=f"not a {squeezed} file, or a damaged one"):
        load(path)


@pytest.mark.parametrize("name", ["x.txt", "x", "x.JSON", "x.gz"])
def test_an_unknown_format_is_answered_with_the_known_ones(tmp_path: Path, name: str) -> None:
    for act in (lambda: load(tmp_path / name), lambda: dump(1, tmp_path / name)):
        with pytest.raises(UnknownFormatError, match="json, pickle, pkl, yaml, yml"):
            act()
    with pytest.raises(TypeError, match="did you mean 'json'"):
        load(tmp_path / "x.jsn")


def test_what_is_no_file_is_refused() -> None:
    with pytest.raises(TypeError, match="an address or an open file"):
        load(1, file_format="json")
    with pytest.raises(TypeError, match="an open file or None"):
        dump(1, 1, file_format="json")
    with pytest.raises(ValueError, match="file_format="):
        dump(1)


def test_a_remote_pickle_must_be_trusted(tmp_path: Path, files: Any) -> None:
    files.files["x.pkl"] = files.files["x.pkl.gz"] = pickle.dumps([1])
    for name in ("x.pkl", "x.pkl.gz"):
        with pytest.raises(UntrustedError, match=r"x\.pkl.*trusted=True"):
            load(f"{files.url}/{name}")
    with pytest.raises(UntrustedError):
        args = {"backend": "http", "cache_dir": tmp_path}
        load(f"{files.url}/x.pkl", backend_args=args)
    assert files.requests == []
    args = {"backend": "http", "retries": 0}
    assert load(f"{files.url}/x.pkl", backend_args=args, trusted=True) == [1]
    assert load(f"{files.url}/x.pkl", backend_args=args, trusted=False) == [1], "it is data"
    put(pickle.dumps([2]), tmp_path / "x.pkl")
    assert load(tmp_path / "x.pkl") == [2]


def test_arguments_reach_the_handler() -> None:
    assert dump([1], file_format="json", indent=1) == "[\n 1\n]"
    assert dump({"a": [1]}, file_format="yaml", default_flow_style=True) == "{a: [1]}\n"
    assert dump([1], file_format="pkl", protocol=0)[:1] == b"("
    assert load(io.StringIO("[1]"), file_format="json", parse_int=str) == ["1"]


def test_a_handler_of_ones_own_is_used(tmp_path: Path) -> None:
    @register_handler(["txt1", "txt2"])
    class Text(BaseFileHandler):
        def load_from_fileobj(self, file: IO[Any], **kwargs: Any) -> Any:
            return file.read()

        def dump_to_fileobj(self, obj: Any, file: IO[Any], **kwargs: Any) -> None:
            file.write(str(obj))

        def dump_to_str(self, obj: Any, **kwargs: Any) -> str:
            return str(obj)

    try:
        dump("text", tmp_path / "x.txt1.gz")
        assert load(tmp_path / "x.txt1.gz") == "text"
        assert dump("text", file_format="txt2") == "text"
        Text().dump_to_path("ä", tmp_path / "y")
        assert Text().load_from_path(tmp_path / "y") == "ä"
    finally:
        del file_handlers["txt1"], file_handlers["txt2"]


def test_what_is_no_handler_is_refused() -> None:
    with pytest.raises(TypeError, match="subclass of BaseFileHandler"):
        register_handler("x")(int)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="list of str"):
        register_handler(3)  # type: ignore[arg-type]


def test_a_pickle_goes_by_path(tmp_path: Path) -> None:
    PickleHandler().dump_to_path([1], tmp_path / "x")
    assert PickleHandler().load_from_path(tmp_path / "x") == [1]
