from __future__ import annotations

import contextlib
import math
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_dataset.data_encoding import NotDataError, decode, encode

KEY = st.none() | st.integers() | st.text(max_size=3) | st.just("!") | st.binary(max_size=3)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEY, inner, max_size=3)
        | st.sets(st.integers(), max_size=3)
        | st.frozensets(st.text(max_size=2), max_size=3)
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, their types too."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same([*a.items()], [*b.items()])
    return bool(a == b)


@given(VALUE)
def test_what_is_written_is_read_with_its_types(value: Any) -> None:
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int16).reshape(2, 3),
        np.array(2.5),
        np.zeros((0, 4), ">f4"),
        np.array(["ab", "c"]),
        np.array([True, False]),
        np.arange(12.0).reshape(3, 4)[:, ::2],
        np.array(["2024-01-01"], "M8[D]"),
    ],
    ids=str,
)
def test_arrays_keep_type_and_shape_and_can_be_changed(array: np.ndarray) -> None:
    found = decode(encode({"a": array}))["a"]
    assert found.dtype == array.dtype and found.shape == array.shape
    assert (found == array).all() and found.flags.writeable
    scalar = array.reshape(-1)[:1]
    for one in scalar:
        assert type(decode(encode(one))) is type(one) and decode(encode(one)) == one


@pytest.mark.parametrize("value", [object(), [len], {"a": {1: OrderedDict()}}, np.array([None])])
def test_what_is_no_data_is_refused(value: Any) -> None:
    with pytest.raises(NotDataError):
        encode(value)


@given(st.binary(max_size=60), st.sampled_from([b"", b"J", b"T", b'T{"!":["array",']))
def test_what_is_not_written_by_it_is_a_value_error_or_data(text: bytes, start: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode(start + text)
