"""Values of a base that a child refers to: copied, so that none changes with another."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine_config import Config, ConfigDict, ConfigError, ConfigKeyError, ConfigLimitError

BASE = """
loader = dict(batch_size=1, workers=2)
x = dict(a=dict(c=1), l=[dict(d=1)])
architecture = dict(depth=5)
"""


def test_what_is_referred_to_is_the_base_s_own_value(load) -> None:
    child = "_base_ = 'base.py'\nloader = dict(batch_size=4)\nother = _base_.loader"
    for trust in (True, False):
        cfg = load(base=BASE, child=child, trust=trust)
        assert cfg.loader == {"batch_size": 4, "workers": 2}
        assert cfg.other == {"batch_size": 1, "workers": 2}


def test_an_option_for_a_value_leaves_its_copies_alone(load) -> None:
    child = "_base_ = 'base.py'\nmodel = dict(arch=_base_.architecture, all=[_base_.architecture])"
    cfg = load(base=BASE, child=child)
    cfg.merge_from_dict({"architecture.depth": 9, "model.all.0.depth": 7})
    assert cfg.architecture.depth == 9
    assert cfg.model.arch.depth == 5 and cfg.model["all"][0].depth == 7


@pytest.mark.parametrize(
    ("child", "x"),
    [
        ("x = dict(b=_base_.x)", {"a": {"c": 1}, "b": {"a": {"c": 1}}}),
        ("x = dict(a=dict(k=_base_.x.a))", {"a": {"c": 1, "k": {"c": 1}}}),
        ("_base_.x.a = dict(cfg=_base_.x.a)", {"a": {"cfg": {"c": 1}}}),
        ("_base_.x.update(b=_base_.x.a); _base_.x.a.c = 3", {"a": {"c": 3}, "b": {"c": 3}}),
        ("x = dict(_delete_=True, k=_base_.x.a)", {"k": {"c": 1}}),
        ("y = _base_.x; y.a.c = 7", {"a": {"c": 7}}),
        ("x = _base_.x; x.a.c = 7", {"a": {"c": 7}}),
        ("import copy; y = copy.deepcopy(_base_.x); y.a.c = 7", {"a": {"c": 1}}),
    ],
)
def test_a_base_s_value_inside_of_itself_ends(load, child: str, x: dict) -> None:
    base = BASE.replace(", l=[dict(d=1)]", "")
    assert load(base=base, child=f"_base_ = 'base.py'\n{child}").x.to_dict() == x


def test_copies_stay_copies_over_several_files(load) -> None:
    cfg = load(
        base="x = dict(a=1)",
        second="y = dict(b=dict(c=1))",
        middle="_base_ = ['base.py', 'second.py']\nx = dict(n=1)\n"
        "z = dict(x=_base_.x, y=_base_.y.b)",
        child="_base_ = 'middle.py'\nx = dict(a=5)\nq = _base_.z\nz = dict(x=dict(a=7))",
    )
    cfg.merge_from_dict({"y.b.c": 9})
    assert cfg.to_dict() == {
        "x": {"a": 5, "n": 1},
        "y": {"b": {"c": 9}},
        "z": {"x": {"a": 7}, "y": {"c": 1}},
        "q": {"x": {"a": 1}, "y": {"c": 1}},
    }


def test_copies_are_paid_for_without_trust(load) -> None:
    base = "x = [dict(a=i) for i in range(3000)]"
    child = "_base_ = 'base.py'\ny = [_base_.x for _ in range(2000)]"
    with pytest.raises(ConfigLimitError):
        load(base=base, child=child, trust=False)


def test_a_copy_of_what_a_stranger_wrote_is_his(load) -> None:
    cfg = load(
        base=BASE, child="_base_ = 'base.py'\ny = _base_.x\nz = dict(k=_base_.x.a)", trust=False
    )
    assert not any(part.__trusted__() for part in (cfg.y, cfg.y.a, cfg.z.k, cfg.y.l[0]))
    assert cfg.y.__trusted__() is False and cfg.trust().y.__trusted__()
    assert str(cfg.origin("y.a.c")).endswith("base.py:3:17")


USED = """
from torch import nn
from torch.nn import ReLU as R
from os.path import join
shared = dict(a=1)
def block(width, depth=2, *, more=shared):
    return dict(width=width, depth=depth, act=dict(type=R), more=more)
double = lambda x: [x, x]
act = dict(type=R)
"""
READ = "from engine_config import read_base\nwith read_base():\n    from .base import "


def test_a_child_uses_what_its_base_imports_and_defines(load) -> None:
    text = READ + "*\ny = dict(type=R)\nz = dict(type=nn.Conv2d)\nb = block(3)\nt = double(b)"
    for trust in (True, False):
        cfg = load(base=USED, child=text + "\np = join('a', 'b')", trust=trust).to_dict()
        block = {"width": 3, "depth": 2, "act": {"type": "torch.nn.ReLU"}, "more": {"a": 1}}
        assert cfg == {
            "shared": {"a": 1},
            "act": {"type": "torch.nn.ReLU"},
            "y": {"type": "torch.nn.ReLU"},
            "z": {"type": "torch.nn.Conv2d"},
            "b": block,
            "t": [block, block],
            "p": "a/b",
        }


def test_it_imports_such_a_name_alone_by_another_name_and_passes_it_on(load) -> None:
    middle = READ + "block as made, R, shared\na = made(1)"
    child = READ.replace(".base", ".middle") + "*\nb = made(2, depth=3)\nact = dict(type=R)"
    cfg = load(base=USED, middle=middle, child=child, trust=False)
    assert list(cfg) == ["shared", "a", "b", "act"]
    assert cfg.b.to_dict()["depth"] == 3
    with pytest.raises(ConfigKeyError, match="has no 'blok'; did you mean 'block'"):
        load(base=USED, child=READ + "blok")


def test_a_name_that_gets_a_value_is_a_value(load) -> None:
    cfg = load(base=USED, child=READ + "*\nR = dict(type=R)\nnn = 3")
    assert cfg.to_dict()["R"] == {"type": "torch.nn.ReLU"} and cfg.nn == 3
    assert load(child="from torch.nn import ReLU\nReLU = dict(type=ReLU)").to_dict() == {
        "ReLU": {"type": "torch.nn.ReLU"}
    }


def test_a_function_of_a_base_is_no_value_unless_it_may_be_python_s(load) -> None:
    with pytest.raises(ConfigError, match="the function in 'y' is not evaluated"):
        load(base=USED, child=READ + "*\ny = [block]", trust=False)
    cfg = load(base=USED, child=READ + "*\ny = [block, double]")
    assert cfg.y[0](3)["more"] == {"a": 1} and cfg.y[1](2) == [2, 2]


def test_an_executed_child_calls_functions_of_its_base(load) -> None:
    text = READ + "*\nimport os\nb = block(os.getpid() * 0)\nc = double(join('a', 'b'))"
    cfg = load(base=USED, child=text)
    assert cfg.b["width"] == 0 and cfg.c == ["a/b", "a/b"]
    assert sorted(cfg) == ["act", "b", "c", "shared"]


def test_a_text_config_may_read_another_under_trust(load) -> None:
    text = "from engine_config import Config\nother = Config.fromfile('base.py')\nx = other.x"
    cfg = load(base=BASE, child=text)
    assert cfg.x == {"a": {"c": 1}, "l": [{"d": 1}]} and isinstance(cfg.other, ConfigDict)
    cfg.merge_from_dict({"x.a.c": 2})
    assert cfg.other.x.a.c == 1 and Config.fromstring(cfg.pretty_text, ".py") == cfg
    with pytest.raises(ConfigError, match="trust=True"):
        load(base=BASE, child=text, trust=False)


def test_templates_in_json_stand_at_line_starts_and_after_tabs(load) -> None:
    child = '{"_base_": "base.py",\n"y":\n{{ _base_.x }},\n"l":'
    child += " [\n{{ _base_.x.a.c }},\n\t{{_base_.x}}]}"
    cfg = load(files={"base.py": BASE, "child.json": child})
    assert cfg.y == {"a": {"c": 1}, "l": [{"d": 1}]} and cfg["l"] == [1, cfg.y]
    cfg = load(files={"base.py": BASE, "child.yaml": "_base_: base.py\ny:\n  {{ _base_.x.a }}\n"})
    assert cfg.y == {"c": 1}


def test_tuples_are_written_in_yaml_and_read_again(load) -> None:
    text = "a: !!python/tuple [1, 2]\nb: !!python/tuple\n- x: 1\n"
    text += "c: [!!python/tuple [{{ _base_.x.a }}]]\n"
    cfg = load(files={"base.py": BASE, "child.yaml": "_base_: base.py\n" + text})
    assert cfg.a == (1, 2) and cfg.b == ({"x": 1},) and cfg.c == [({"c": 1},)]
    cfg.dump("again.yaml")
    assert Config.fromfile("again.yaml") == cfg


def test_the_methods_that_libraries_call(load) -> None:
    load(base=BASE, child="_base_ = 'base.py'\ny = '{{$NOWHERE:1}}'")
    values, text, variables = Config._file2dict("child.py")
    assert type(values) is dict and values["architecture"] == {"depth": 5} and values["y"] == "1"
    assert "depth=5" in text and variables == {"NOWHERE": "1"}
    assert Config._file2dict("child.py", True, False)[0]["y"] == "{{$NOWHERE:1}}"
    merged = Config._merge_a_into_b(
        {"a": {"_delete_": True, "k": 1}, "l": {"0": 1}}, {"a": {"b": 2}}
    )
    assert merged == {"a": {"k": 1}, "l": {"0": 1}} and type(merged) is dict


def test_libraries_ask_where_a_config_is_that_another_names() -> None:
    assert Config._get_cfg_path("./b.py", "/x/a.py") == ("/x/./b.py", None)
    assert Config._get_cfg_path("/y/b.py", "/x/a.py") == ("/y/b.py", None)
    path, library = Config._get_cfg_path("engine_config::config.py", "a.py")
    assert library == "engine_config" and Path(path).is_file()
