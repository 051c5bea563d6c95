"""YAML and JSON: values, places, and what is refused."""

from __future__ import annotations

import datetime
import json
from enum import IntEnum

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine_config import Config, ConfigError, ConfigLimitError, ConfigTypeError
from engine_config.data_dump import dump_data
from engine_config.data_file import read_data
from engine_config.meter import LimitError, Meter
from engine_config.source import Marks, Source

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=15,
)


def read(text: str, suffix: str) -> dict:
    return read_data(Source("", text), suffix, Marks(), meter=Meter())


@given(st.dictionaries(st.text(max_size=3), plain, max_size=3))
def test_json_is_read_as_pythons_own_reader_does(value: dict) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert read(text, ".json") == json.loads(text) == value
    assert read(dump_data(value, ".json"), ".json") == value


printable = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=4)


@given(st.dictionaries(printable, st.one_of(st.integers(), st.floats(allow_nan=False), printable)))
def test_yaml_that_is_written_reads_back(value: dict) -> None:
    assert read(dump_data(value, ".yaml"), ".yaml") == value


def test_places_of_entries_are_noted() -> None:
    for suffix, text, expected in (
        (
            ".json",
            '{"a": 1,\n "b": [true, {"c": null}]}',
            [(1, 2), (2, 2), (2, 8), (2, 14), (2, 15)],
        ),
        (".yaml", "a: 1\nb:\n- true\n- {c: }\n", [(1, 1), (2, 1), (3, 3), (4, 3), (4, 4)]),
    ):
        marks = Marks()
        value = read_data(Source("", text), suffix, marks, meter=Meter())
        b = value["b"]
        places = [
            *marks.of(value).values(),
            *marks.of(b).values(),
            *marks.of(b[1]).values(),
        ]
        assert places == expected, suffix


def test_yaml_shares_by_alias_and_merges() -> None:
    text = "a: &x {p: 1, q: [1]}\nb: {<<: *x, p: 2}\nc: *x\n"
    assert read(text, ".yaml") == {
        "a": {"p": 1, "q": [1]},
        "b": {"p": 2, "q": [1]},
        "c": {"p": 1, "q": [1]},
    }
    assert read("", ".yaml") == {}


def test_yaml_merges_a_mapping_that_merges() -> None:
    text = "a: &a {p: 1}\nb: &b {<<: *a, p: 2, q: 3}\nc: *b\nd: {<<: [*a, *b], q: 4}\n"
    values = read(text, ".yaml")
    assert values["b"] == values["c"] == {"p": 2, "q": 3}
    assert values["d"] == {"p": 1, "q": 4}


def test_yaml_keys_are_told_apart_by_value_and_not_by_spelling() -> None:
    assert read('1: a\n"1": b\n1.5: c\n~: d', ".yaml") == {1: "a", "1": "b", 1.5: "c", None: "d"}
    assert read("a: =\nb: <<", ".yaml") == {"a": "=", "b": "<<"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("suffix", "text", "message"),
    [
        (".json", '{"a": 1,\n "a": 2}', r"2:2: key 'a' is given twice, first in line 1"),
        (".json", '{"a": [1, 2}', r"1:12: ',' or '\]' was expected: got '}' .*line 1"),
        (".json", '{"a": 1} x', "1:10: the text goes on"),
        (".json", '{"a": tru}', "1:7: a value was expected: got 't'"),
        (".json", '{"a": 1,}', "1:8: there is no value between"),
        (".json", '{"a" 1}', "':' was expected: got '1'"),
        (".json", "{a: 1}", "a key in double quotes was expected: got 'a'"),
        (".json", '{"a": "x', "1:7: this text has no end"),
        (".json", r'{"a": "\x"}', "1:8: Invalid .escape"),
        (".json", '{"a": 1', "got the end of the text"),
        (".json", '{"a": "x\ny"}', r"1:9: a line break, or '\\n', is written as an escape"),
        (".json", '{"a": 1２}', "1:8: ',' or '}' was expected: got '２'"),
        (".json", "", "a value was expected"),
        (".json", "[1]", "the top level must be a mapping, not list"),
        (".json", '{"a": ' + "9" * 5000 + "}", "at most 4,300 digits"),
        (".json", '{"a":' * 500, "nested more than 200 deep"),
        (".yaml", "a: 1\nb: 2\na: 3", r"3:1: key 'a' is given twice, first in line 1"),
        (".yaml", "a: !!python/object/apply:os.getcwd []", "1:4: the tag '!!python/object/apply"),
        (".yaml", "a: !!python/name:os.getcwd", "the tag '!!python/name"),
        (".yaml", "a: !mine 1", "1:4: the tag '!mine' is not read"),
        (".yaml", "a: !!map x", "the tag '!!map' is not read: values are text, numbers"),
        (".yaml", "a: !!set {x}", "the tag '!!set' is not read"),
        (".yaml", "a: !!bool x", "1:4: 'x' is no bool"),
        (".yaml", "a: !!timestamp x", "1:4: 'x' is no timestamp"),
        (".yaml", "1: a\n0x1: b", "2:1: key 1 is given twice, first in line 1"),
        (".yaml", "b: {<<: 1}", "1:9: '<<' takes a mapping or a list of mappings: got 1"),
        (".yaml", "a: &a\n  <<: *a", "nested more than 200 deep"),
        (".yaml", "a: 1\n---\nb: 2", "2:1: expected a single document in the stream: but found"),
        (".yaml", "a: \ud800", "surrogates not allowed"),
        (".yaml", "a: [1", "1:|2:1: .*expected"),
        (".yaml", "- 1", "must be a mapping, not list"),
        (".yaml", "? [1]\n: 2", "a key is a text or a number"),
        (".yaml", "&a [*a]", "nested more than 200 deep"),
        (".yaml", BOMB, "with its aliases this is more values than a config has"),
        (".yaml", "a: \x01", "special characters|control characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(suffix: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.fromstring(text, suffix)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_what_cannot_be_written_is_named_by_its_path(suffix: str) -> None:
    with pytest.raises(ConfigTypeError, match=r"a.b.1 is set \{3\}"):
        dump_data({"a": {"b": [1, {3}]}}, suffix)
    with pytest.raises(ConfigTypeError, match=r"a.0 is int of too many digits"):
        dump_data({"a": [10**5000]}, suffix)
    with pytest.raises(ConfigTypeError, match=r"a is function <function .* cannot hold"):
        dump_data({"a": lambda: None}, suffix)
    with pytest.raises(ConfigTypeError, match=r"a.b has the key \(1, 2\): in .* a key is text or"):
        dump_data({"a": {"b": {(1, 2): 3}}}, suffix)
    deep: list = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(ConfigTypeError, match=r"a.0.0.* is nested more than 200 deep"):
        dump_data({"a": deep}, suffix)
    kind = tuple if suffix == ".yaml" else list
    assert read(dump_data({"a": (1, int)}, suffix), suffix) == {"a": kind([1, "builtins.int"])}


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


class Size(IntEnum):
    BIG = 3


def test_what_only_one_of_the_two_can_hold() -> None:
    day = datetime.date(2020, 1, 31)
    value = {"day": day, "bytes": b"\x00\xff", "keys": {1: 2, "1": 3, None: 4, 1.5: 5}}
    assert read(dump_data(value, ".yaml"), ".yaml") == value
    keys = {"a": {1: 2, 1.5: 3, None: 4, False: 5}}
    texts = {"a": {"1": 2, "1.5": 3, "null": 4, "false": 5}}
    assert read(dump_data(keys, ".json"), ".json") == texts
    for refused in ({"a": day}, {"a": b"x"}):
        with pytest.raises(ConfigTypeError, match="JSON"):
            dump_data(refused, ".json")
    half = {"a": "\ud800"}
    assert read(dump_data(half, ".json"), ".json") == half
    with pytest.raises(ConfigTypeError, match=r"a is .*half a surrogate pair"):
        dump_data(half, ".yaml")


def test_values_of_subclasses_are_written_as_what_they_are() -> None:
    for suffix in (".yaml", ".json"):
        text = dump_data({"a": Loud("red"), "b": Size.BIG, Loud("red"): True}, suffix)
        assert read(text, suffix) == {"a": "red", "b": 3, "red": True}


@pytest.mark.parametrize("brackets", [150, 350])
def test_nesting_is_bounded_with_and_without_libyaml(
    brackets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a: " + "[" * brackets + "]" * brackets
    for _ in range(2):
        if brackets < 200:
            assert read(text, ".yaml") == {"a": json.loads(text[3:])}
        else:
            with pytest.raises(ConfigError, match="nested more than 200 deep"):
                read(text, ".yaml")
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    with pytest.raises(ConfigError, match="unacceptable character"):
        read("a: \0", ".yaml")


def test_an_alias_to_a_long_text_counts_by_its_length() -> None:
    text = f"a: &a {'x' * 1_000_000}\nb: [{','.join(['*a'] * 1000)}]\n"
    with pytest.raises(ConfigError, match="with its aliases this is more values than"):
        read(text, ".yaml")


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 100_000, "a: " + "{b: " * 100_000])
def test_yaml_of_any_depth_leaves_the_process_alive(text: str) -> None:
    with pytest.raises(ConfigError, match=r"more than 200 deep"):
        Config.fromstring(text, ".yaml")


@pytest.mark.parametrize("value", ["2001-99-99", "9" * 5000, "!!float ", "!!int ", "!!bool x"])
def test_a_yaml_value_that_python_has_not_is_told_with_its_line(value: str) -> None:
    with pytest.raises(ConfigError, match=r":2:4: ") as caught:
        Config.fromstring(f"x: 1\na: {value}\n", ".yaml")
    assert caught.value.line == 2


def test_many_values_in_a_row_are_not_deep() -> None:
    text = "".join(f"k{i}: {{a: [1, {{b: 2}}]}}\n" for i in range(300))
    assert len(Config.fromstring(text, ".yaml")) == 300


def test_a_data_file_of_too_many_values_is_refused() -> None:
    for suffix, text in (
        (".json", '{"a": [' + "1," * 250 + "1]}"),
        (".yaml", "a:\n" + "- 1\n" * 250),
    ):
        with pytest.raises((LimitError, ConfigLimitError), match=r"more than the 1,000 steps"):
            read_data(Source("", text), suffix, Marks(), meter=Meter(1000))
