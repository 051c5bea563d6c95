"""Options of the command line."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine_config import DictAction
from engine_config.command_line import parse_option_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.5e3", -1500.0),
        ("true", True),
        ("False", False),
        ("none", "none"),
        ("None", None),
        ("abc", "abc"),
        ("a b", "a b"),
        ("a=b", "a=b"),
        ("", ""),
        ("1,2,3", [1, 2, 3]),
        ("a,", ["a"]),
        ("[1,2]", [1, 2]),
        ("(1,2)", (1, 2)),
        ("(1,)", (1,)),
        ("[]", []),
        ("()", ()),
        ("[ 1 , 2 ]", [1, 2]),
        ("[(a,b),(c,d)]", [("a", "b"), ("c", "d")]),
        ("[[1,[2]],3]", [[1, [2]], 3]),
        ("'x,y'", ["x", "y"]),
        ('"1"', 1),
        ("'[1,2]'", [1, 2]),
        ("\"'1'\"", "1"),
        ("\"'[1,2]'\"", "[1,2]"),
        ("'\"x,y\"'", "x,y"),
        ("['1',\"'1'\"]", [1, "1"]),
        ("(v2)train.json", "(v2)train.json"),
        ("[0-9]*.jpg", "[0-9]*.jpg"),
        ("(?i)bias", "(?i)bias"),
        ("[img(1).png,img(2).png]", ["img(1).png", "img(2).png"]),
        ("[0-9]*.[jp]", "[0-9]*.[jp]"),
        ("f(1,2)", "f(1,2)"),
        ("(1)(2),3", ["(1)(2)", 3]),
        ("(1,2),(3,4)", [(1, 2), (3, 4)]),
        ("[1", "[1"),
        ("['a", "['a"),
        ("1]", "1]"),
        ("[1,,2]", [1, "", 2]),
        ("[a,'b,c',\"d\"]", ["a", "b,c", "d"]),
        ("None,1", [None, 1]),
        ("it's", "it's"),
    ],
)
def test_values(text: str, value: object) -> None:
    found = parse_option_value(text)
    assert found == value and type(found) is type(value)


def test_tools_of_libraries_may_call_the_steps_of_the_action() -> None:
    assert DictAction._parse_iterable("[(a,1),(true,2.5)]") == [("a", 1), (True, 2.5)]
    assert DictAction._parse_int_float_bool("[1,2]") == "[1,2]"
    assert DictAction._parse_int_float_bool("1e-3") == 1e-3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1,2", r"'\]' is missing for the bracket at position 1"),
        ("(1,2]", r"'\]' at position 5 closes nothing"),
        ("[1,(2]", r"'\]' at position 6 closes nothing"),
        ("1,]", "position 3 closes nothing"),
        ("[" * 99 + "]" * 99, "nested more than 50 deep"),
    ],
)
def test_what_does_not_match_is_told_with_its_position(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_option_value(text)


@given(st.text(alphabet="[](),'\" a1.-=", max_size=30))
@example("[" * 5000)
def test_any_text_gives_a_value_or_a_value_error(text: str) -> None:
    try:
        parse_option_value(text)
    except ValueError as error:
        assert str(error)


nested = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.none(), st.sampled_from(["a", "bc"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


def written(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, tuple):
        return f"({''.join(written(item) + ',' for item in value)})"
    return str(value)


@given(nested)
def test_nested_values_read_back(value: object) -> None:
    assert parse_option_value(written(value)) == value


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--cfg-options", nargs="+", action=DictAction)
    return parser


def test_options_are_collected_over_several_uses(parser: argparse.ArgumentParser) -> None:
    text = ["--cfg-options", "a.b=1", "c=[x,y]", "--cfg-options", "a.b=2", "d=e=f"]
    found = parser.parse_args(text).cfg_options
    assert found == {"a.b": 2, "c": ["x", "y"], "d": "e=f"}
    assert parser.parse_args([]).cfg_options is None


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("abc", "KEY=VALUE was expected: got 'abc'"),
        ("=1", "KEY=VALUE"),
        ("a=[1,2", "'a=\\[1,2': '\\]'"),
    ],
)
def test_a_wrong_option_is_an_argument_error(
    parser: argparse.ArgumentParser, option: str, message: str
) -> None:
    with pytest.raises(argparse.ArgumentError, match=message):
        parser.parse_args(["--cfg-options", option])
