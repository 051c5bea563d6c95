"""Pickles: data is read without executing, what is more is executed with a warning or refused."""

from __future__ import annotations

import datetime
import io
import pickle
import warnings
from pathlib import Path

import pytest

from engine_fileio import load
from engine_fileio.errors import UntrustedError
from engine_fileio.pickles import data_alone

DATA = {"a": [1, 2.5, None, True], "b": ("x", b"y", {1, 2}), 3: frozenset([4])}
CALLED: list[str] = []


class Strange:
    """What a pickle makes by calling something."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return CALLED.append, ("called",)


class Own:
    """A class of the program."""

    def __init__(self) -> None:
        self.value = 5


@pytest.mark.parametrize("trusted", [None, True, False])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_data_is_read_whoever_wrote_it(tmp_path: Path, trusted: bool | None, protocol: int) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"a": [1, 2.5, None, True], "b": ("x", 2)}, protocol))
    assert load(path, trusted=trusted) == {"a": [1, 2.5, None, True], "b": ("x", 2)}
    path.write_bytes(pickle.dumps(DATA))
    assert load(path, trusted=trusted) == DATA


def test_what_is_more_is_executed_with_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps([Own()]))
    with pytest.warns(UserWarning, match=r"a\.pkl is a pickle that names .*Own, and is executed"):
        assert load(path)[0].value == 5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(path, trusted=True)[0].value == 5


def test_nothing_is_executed_where_that_was_said(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(Strange()).replace(b"append", b"append"))
    CALLED.clear()
    for read in (
        lambda: load(path, trusted=False),
        lambda: load(io.BytesIO(path.read_bytes()), "pkl", trusted=False),
    ):
        with pytest.raises(UntrustedError, match="would execute code"):
            read()
    with data_alone():
        for given in (path, io.BytesIO(path.read_bytes())):
            with pytest.raises(UntrustedError):
                load(given, "pkl")
    assert CALLED == []


def test_a_short_pickle_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(b"\x80\x02]r\xff\xff\xff\x7f.")
    assert load(path, trusted=False) == []


def test_dates_are_data_where_a_reader_knows_them(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(datetime.date(2020, 1, 2)))
    try:
        assert load(path, trusted=False) == datetime.date(2020, 1, 2)
    except UntrustedError as error:
        assert "datetime.date" in str(error)
