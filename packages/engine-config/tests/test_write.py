"""The printer: whatever it prints reads back equal."""

from __future__ import annotations

import math
from collections import OrderedDict
from enum import IntEnum
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_config import Config, ConfigTypeError
from engine_config.write import import_name, to_python

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.sampled_from(
        ["{{ x }}", "{{_base_.x}}", "{{{{{", "'\"\\\n", "{{$HOME:1}}", "{{fileBasename}}"]
    ),
    st.binary(max_size=4),
    st.sets(st.integers(), max_size=3),
    st.frozensets(st.text(max_size=2), max_size=2),
    st.complex_numbers(allow_nan=False, allow_infinity=False),
    st.sampled_from([..., math.inf, -math.inf]),
)
keys = st.one_of(
    st.sampled_from(["a", "type", "class", "x y", "", "dict", "_x", "ﬁ", "é"]),
    st.integers(),
    st.tuples(st.integers()),
    st.booleans(),
    st.none(),
    st.binary(max_size=2),
    st.floats(allow_nan=False),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=25,
)
names = st.sampled_from(["a", "model", "dict", "_private", "ü", "float", "print", "set"])


@given(st.dictionaries(names, values, max_size=4))
@settings(max_examples=300)
def test_what_is_printed_reads_back_equal(config: dict) -> None:
    cfg = Config(config)
    again = Config.fromstring(cfg.pretty_text, ".py", trust=False)
    assert again == cfg
    assert again.pretty_text == cfg.pretty_text


def test_short_values_stand_in_a_line_and_long_ones_do_not() -> None:
    text = to_python({"b": {"type": "A", "n": [1, 2]}, "a": [{"key": "x" * 30}] * 3})
    assert text == (
        "a = [\n"
        f"    dict(key='{'x' * 30}'),\n" * 1 + f"    dict(key='{'x' * 30}'),\n" * 2 + "]\n"
        "b = dict(n=[1, 2], type='A')\n"
    )
    assert all(len(line) < 80 for line in to_python({"a": list(range(60))}).split("\n"))


def test_odd_values() -> None:
    text = to_python(
        {"a": (1,), "b": [math.inf, -math.inf, 1e300], "c": set(), "d": 1j, "e": {1: {"x y": ()}}}
    )
    assert text == (
        "a = (1,)\nb = [float('inf'), float('-inf'), 1e+300]\nc = set()\nd = 1j\n"
        "e = {1: {'x y': ()}}\n"
    )
    again = Config.fromstring(to_python({"n": math.nan}), ".py")
    assert math.isnan(again.n)


def test_objects_print_as_the_names_that_import_them() -> None:
    assert to_python({"a": OrderedDict, "b": [int, math.sqrt]}) == (
        "a = 'collections.OrderedDict'\nb = ['int', 'math.sqrt']\n"
    )


def test_a_name_is_printed_only_if_it_imports_the_object() -> None:
    class Local:
        def method(self) -> None: ...

    for value in (Local, Local().method, lambda: None, list[int], type(None), "".join):
        assert import_name(value) is None
        with pytest.raises(ConfigTypeError, match=r"a.b is "):
            to_python({"a": {"b": value}})
    assert import_name(Fraction.from_float) == "fractions.Fraction.from_float"


def test_integers_of_any_length_read_back() -> None:
    for value in (10**5000, -(10**5000)):
        assert Config.fromstring(to_python({"a": value}), ".py").a == value


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


class Size(IntEnum):
    BIG = 3


def test_values_of_subclasses_print_as_what_they_are() -> None:
    text = to_python({"a": [Loud("red"), Size.BIG], "b": {Loud("red"): 1, Size.BIG: 2}})
    assert text == "a = ['red', 3]\nb = {'red': 1, 3: 2}\n"


def test_what_cannot_be_printed_is_named_by_its_path() -> None:
    with pytest.raises(ConfigTypeError, match=r"a.b.1 is .*Path .*cannot hold; give it as text"):
        to_python({"a": {"b": [1, Path("x")]}})
    for odd in (complex("inf"), complex(0, math.nan)):
        with pytest.raises(ConfigTypeError, match=r"a is complex .*cannot hold"):
            to_python({"a": odd})
    with pytest.raises(ConfigTypeError, match=r"a has the key frozenset.*; a key is a text"):
        to_python({"a": {frozenset({1}): 1}})
    for name in ("x y", "class", "__x", 3, "ﬁ"):
        with pytest.raises(ConfigTypeError, match="cannot be the name of a value"):
            to_python({name: 1})
    deep: list = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(ConfigTypeError, match="nested more than 90 deep"):
        to_python({"a": deep})
