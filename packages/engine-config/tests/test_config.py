"""The face: construction, overrides, copies, text, differences, imports."""

from __future__ import annotations

import contextlib
import copy
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_config import (
    Config,
    ConfigDict,
    ConfigError,
    ConfigKeyError,
    ConfigSyntaxError,
    ConfigTypeError,
)


def overridden(values: dict, options: dict, **more: bool) -> dict:
    cfg = Config(copy.deepcopy(values))
    cfg.merge_from_dict(options, **more)
    return cfg.to_dict()


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ({"a": {"b": 1}}, {"a.c": 2}, {"a": {"b": 1, "c": 2}}),
        ({"a": [{"b": 1}, 2]}, {"a.0.b": 2, "a.1": 5}, {"a": [{"b": 2}, 5]}),
        ({"a": [[1, 2]]}, {"a.0.1": 5}, {"a": [[1, 5]]}),
        ({"a": {"b": 1}}, {"a": {"_delete_": True, "c": 1}}, {"a": {"c": 1}}),
        ({"a": {"b": 1}}, {"a": 3}, {"a": 3}),
        ({}, {"a.b.c": 3}, {"a": {"b": {"c": 3}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a.b": None}, {"a": {"b": None}}),
    ],
)
def test_overrides(values: dict, options: dict, expected: dict) -> None:
    assert overridden(values, options) == expected


def test_overrides_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigKeyError, match="a is a list of 1: there is no index 3"):
        overridden({"a": [1]}, {"a.3": 2})
    for values, options, more in (
        ({"a": 1}, {"a.b": 2}, {}),
        ({"a": [1]}, {"a.x": 2}, {}),
        ({"a": [1]}, {"a.0": 2}, {"allow_list_keys": False}),
        ({"a": (1,)}, {"a.0": 2}, {}),
    ):
        with pytest.raises(ConfigTypeError, match="a is a dict in the child"):
            overridden(values, options, **more)
    with pytest.raises(
        ConfigTypeError, match=r"override 'a.b' wants a dict where another one puts 1"
    ):
        overridden({}, {"a": 1, "a.b": 2})


keys = st.sampled_from(["a", "b", "c", "0", "1", "_delete_"])
trees = st.recursive(
    st.one_of(st.integers(0, 3), st.text(max_size=2), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=10,
)
dotted = st.lists(keys, min_size=1, max_size=3).map(".".join)


@given(st.dictionaries(keys, trees, max_size=3), st.dictionaries(dotted, trees, max_size=3))
@settings(max_examples=300)
def test_a_merge_gives_a_result_or_a_config_error(values: dict, options: dict) -> None:
    before = copy.deepcopy(options)
    with contextlib.suppress(ConfigError):
        overridden(values, options)
    assert options == before


@given(st.dictionaries(st.sampled_from("abc"), trees, max_size=3))
def test_merging_a_leaf_by_its_path_sets_it(values: dict) -> None:
    found = overridden(values, {"z.y": 1})
    assert found.pop("z") == {"y": 1} and found == Config(values).to_dict()


def test_origins_tell_the_whole_chain(load) -> None:
    cfg = load(
        base="model = dict(depth=50, heads=[1, dict(a=2)])",
        child="_base_ = 'base.py'\nmodel = dict(\n    depth=101)",
    )
    cfg.merge_from_dict({"model.depth": 18, "model.heads.1.a": 7})
    origin = cfg.origin("model.depth")
    assert str(origin) == "override model.depth=18"
    assert [str(o) for o in origin.history] == ["base.py:1:14", "child.py:3:5"]
    assert (origin.history[1].file, origin.history[1].line, origin.history[1].column) == (
        "child.py",
        3,
        5,
    )
    assert (
        repr(cfg.origin("model.heads.1.a")) == "<Origin override model.heads.1.a=7 <- base.py:1:39>"
    )
    assert str(cfg.origin("model.heads.0")) == "base.py:1:31"
    cfg.model.depth = 5
    assert repr(cfg.origin("model.depth")).startswith("<Origin the program <- override model.depth")
    for other in (copy.deepcopy(cfg), pickle.loads(pickle.dumps(cfg)), cfg.copy()):
        assert other == cfg and other.origin("model.depth") == cfg.origin("model.depth")
    assert Config({"a": 1}).origin("a") is None


def test_the_origin_of_nothing_is_an_error(load) -> None:
    cfg = load(child="model = dict(backbone=dict(depth=1), l=[1])")
    for path, message in (
        ("model.bakbone", "no 'bakbone' in model; did you mean 'backbone'"),
        ("model.l.3", "model.l is a list of 1: got index '3'"),
        ("model.backbone.depth.x", "model.backbone.depth is int and holds no 'x'"),
    ):
        with pytest.raises(ConfigKeyError, match=message):
            cfg.origin(path)


def test_a_config_is_used_like_its_values() -> None:
    cfg = Config({"a": {"b": 1}})
    cfg.c = {"d": 2}
    cfg["e"] = 3
    assert (cfg.c.d, cfg["e"], cfg.get("z", 4), len(cfg), "a" in cfg) == (2, 3, 4, 3, True)
    assert list(cfg) == ["a", "c", "e"] == list(cfg.keys())
    del cfg.c
    del cfg["e"]
    assert cfg == Config({"a": {"b": 1}}) == {"a": {"b": 1}} and cfg != 3
    assert repr(cfg) == "Config (path: None): {'a': {'b': 1}}"
    with pytest.raises(AttributeError, match="'aa'; did you mean 'a'"):
        _ = cfg.aa
    assert not hasattr(cfg, "__len_of_nothing__")


def test_wrong_construction() -> None:
    with pytest.raises(TypeError, match="cfg_dict must be a dict: got list"):
        Config([1])  # type: ignore[arg-type]
    for key in ("filename", "text", "pretty_text", "env_variables"):
        with pytest.raises(ConfigKeyError, match=f"'{key}' is an attribute of every Config"):
            Config({key: 1})
    with pytest.raises(OSError, match=r"one of .py, .yaml, .yml, .json: got '.txt'"):
        Config.fromstring("a", ".txt")
    assert Config() == {}


def test_differences_as_text_and_as_changes(load) -> None:
    first = load(one="a = dict(x=1, y=[1, 2])\nb = 2")
    second = load(two="a = dict(x=1, y=[1, 3, 4])\nc = 'n'")
    text = Config.diff(first, second)
    assert text == Config.diff("one.py", "two.py")
    assert "-b = 2\n" in text and "+c = 'n'\n" in text and text.startswith("--- ")
    assert [str(change) for change in first.diff(second)] == [
        "a.y.1: 2 -> 3  (two.py:1:21)",
        "a.y.2: <missing> -> 4  (two.py:1:24)",
        "b: 2 -> <missing>  (one.py:2:1)",
        "c: <missing> -> 'n'  (two.py:2:1)",
    ]
    assert first.diff(first) == [] and Config.diff(first, first) == ""


@pytest.mark.parametrize("suffix", [".py", ".yaml", ".yml", ".json"])
def test_what_is_dumped_reads_back(load, tmp_path: Path, suffix: str) -> None:
    cfg = load(child="a = dict(b=[1, 2.5, None, True], c='ü: {x}')\nd = {'x y': 'z'}")
    path = tmp_path / f"out{suffix}"
    assert cfg.dump(path) is None
    assert Config.fromfile(path, trust=False) == cfg
    assert Config.fromstring(Config.fromfile(path).dump(), suffix) == cfg


def test_dump_to_nothing_known_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"written to .py, .yaml"):
        Config({"a": 1}).dump("a.txt")
    assert Config({"a": 1}).dump() == "a = 1\n"


def test_predefined_and_environment_variables(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_TEST_SET", "7")
    monkeypatch.delenv("ENGINE_TEST_UNSET", raising=False)
    cfg = load(
        child="a = '{{ fileDirname }}|{{fileBasename}}|"
        "{{fileBasenameNoExtension}}|{{fileExtname}}'\n"
        "b = '{{$ENGINE_TEST_SET:1}}'\nc = {{'$ENGINE_TEST_SET:1'}}\n"
        "d = '{{ $ENGINE_TEST_UNSET:data/x }}/y'\ne = {{'$ENGINE_TEST_UNSET:[1, 2]'}}\n"
    )
    assert cfg.a == f"{Path.cwd()}|child.py|child|.py"
    assert (cfg.b, cfg.c, cfg.d, cfg.e) == ("7", 7, "data/x/y", [1, 2])
    assert cfg.env_variables == {"ENGINE_TEST_SET": "7", "ENGINE_TEST_UNSET": "[1, 2]"}
    off = load(
        child="a = '{{ fileBasename }} {{$ENGINE_TEST_SET:1}}'",
        use_predefined_variables=False,
        use_environment_variables=False,
    )
    assert off.a == "{{ fileBasename }} {{$ENGINE_TEST_SET:1}}"
    with pytest.raises(ConfigKeyError, match=r"child.py:1:5: .*ENGINE_TEST_UNSET is not set"):
        load(child="a = '{{$ENGINE_TEST_UNSET}}'")
    with pytest.raises(ConfigError, match="stands for a Python value, and 'a/b' is none"):
        load(child="a = {{'$ENGINE_TEST_UNSET:a/b'}}")
    data = load(files={"c.json": '{"a": {{$ENGINE_TEST_SET:1}}, "b": "{{fileBasename}}"}'})
    assert data.to_dict() == {"a": 7, "b": "c.json"}


def test_custom_imports(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_by_a_config.py").write_text("")
    text = "custom_imports = dict(imports=['imported_by_a_config'])"
    load(child=text, trust=False)
    assert "imported_by_a_config" not in sys.modules
    load(child=text, import_custom_modules=False)
    assert "imported_by_a_config" not in sys.modules
    load(child=text)
    assert sys.modules.pop("imported_by_a_config")
    with pytest.raises(ImportError, match=r"child.py:1:1: custom_imports lists nowhere_x"):
        load(child="custom_imports = dict(imports='nowhere_x')")
    with pytest.warns(UserWarning, match="nowhere_x cannot be imported"):
        load(child="custom_imports = dict(imports=['nowhere_x'], allow_failed_imports=True)")
    with pytest.raises(ConfigError, match="a list of module names: got 3"):
        load(child="custom_imports = dict(imports=3)")


def test_auto_argparser(load, monkeypatch: pytest.MonkeyPatch) -> None:
    load(child="a = 1\nb = dict(c='x', d=[1, 2], e=True)")
    monkeypatch.setattr(sys, "argv", ["train", "child.py", "--b.c", "y"])
    parser, cfg = Config.auto_argparser("trains")
    parsed = vars(parser.parse_args())
    assert parsed == {"config": "child.py", "a": None, "b.c": "y", "b.d": None, "b.e": None}
    assert cfg.a == 1 and isinstance(cfg.b, ConfigDict)


STRANGE = "model = dict(type='os.system', command='true')"
WAYS_IN: dict[str, Callable[[ConfigDict, ConfigDict], Any]] = {
    "update": lambda mine, his: mine.update(his),
    "update a dict in it": lambda mine, his: mine.b.update(his.model),
    "or": lambda mine, his: mine.update(mine | his),
    "in place": lambda mine, his: mine.__ior__(his),
    "merge": lambda mine, his: mine.merge(his),
    "merge below": lambda mine, his: mine.merge({"b": his.model}),
    "an item": lambda mine, his: mine.__setitem__("b", his.model),
    "a list": lambda mine, his: mine.__setitem__("b", [his.model]),
}


@pytest.mark.parametrize("way", WAYS_IN.values(), ids=WAYS_IN)
def test_what_a_stranger_wrote_stays_his_wherever_it_is_put(
    way: Callable[[ConfigDict, ConfigDict], Any],
) -> None:
    strange = Config.fromstring(STRANGE, ".py", trust=False)
    mine = Config({"a": 1, "model": {"type": "X"}, "b": {"type": "X"}})
    way(mine._cfg_dict, strange._cfg_dict)
    places = [mine._cfg_dict, mine.model, *(mine.b if isinstance(mine.b, list) else [mine.b])]
    assert not all(place.__trusted__() for place in places)
    his = [place for place in places if place.get("type") == "os.system"]
    assert not any(place.__trusted__() for place in his)
    mine.trust()
    assert all(place.__trusted__() for place in places)


def test_options_of_a_stranger_make_a_config_his() -> None:
    mine = Config({"model": {"type": "X"}})
    mine.merge_from_dict(Config.fromstring(STRANGE, ".py", trust=False))
    assert mine.model.type == "os.system" and not mine.model.__trusted__()


def test_texts_that_differ_everywhere_are_compared_in_time() -> None:
    first, second = (
        Config.fromstring(f"x = [i * {step} % {size} for i in range(20000)]", ".py", trust=False)
        for step, size in ((1, 110), (7, 109))
    )
    found = Config.diff(first, second)
    assert found.count("\n-") > 1000 < found.count("\n+")
    assert not Config.diff(first, first)


def test_a_syntax_error_opens_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("<untrusted config>").write_text("a line of another file", "utf-8")
    with pytest.raises(ConfigSyntaxError) as caught:
        Config.fromstring("x = = 1", ".py", trust=False)
    assert "another file" not in "".join(traceback.format_exception(caught.value))
