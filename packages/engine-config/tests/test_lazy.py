"""Pure-Python configs: bases by import, objects that are imported when they are asked for."""

from __future__ import annotations

import collections
import pickle
import sys
from pathlib import Path

import pytest

from engine_config import Config, ConfigDict, ConfigError, ConfigKeyError, LazyObject, read_base

BASE = """
from collections import OrderedDict
from nowhere.at_all import Model, nn
model = dict(type=Model, width=1, sub=dict(x=1), act=nn.ReLU)
counter = dict(type=OrderedDict)
steps = [dict(a=1), dict(b=2)]
_private = 5
"""
CHILD = """
from engine_config import read_base
with read_base():
    from .base import *
    from .base import model as other
from elsewhere import Hook
model.update(dict(width=2, sub=dict(y=2)))
model.sub.z = 3
steps.append(dict(c=3))
steps[0].a = 5
hook = dict(type=Hook)
copies = dict(model=model)
"""


def test_bases_are_inherited_and_edited(load) -> None:
    cfg = load(base=BASE, child=CHILD, trust=False)
    model = {
        "type": "nowhere.at_all.Model",
        "width": 2,
        "sub": {"x": 1, "y": 2, "z": 3},
        "act": "nowhere.at_all.nn.ReLU",
    }
    assert cfg.to_dict() == {
        "model": model,
        "counter": {"type": "collections.OrderedDict"},
        "steps": [{"a": 5}, {"b": 2}, {"c": 3}],
        "_private": 5,
        "other": model,  # one value by two names, as to Python
        "hook": {"type": "elsewhere.Hook"},
        "copies": {"model": model},
    }
    assert "nowhere" not in sys.modules


def test_values_know_the_line_that_set_them(load) -> None:
    cfg = load(base=BASE, child=CHILD)
    base = Path("base.py").resolve()
    assert repr(cfg.origin("model.width")) == f"<Origin child.py:7:19 <- {base}:4:26>"
    assert str(cfg.origin("model.sub.z")) == "child.py:8:1"
    assert str(cfg.origin("steps.2.c")) == "child.py:9:19"
    assert str(cfg.origin("model.sub.x")) == f"{base}:4:44"


def test_objects_are_imported_when_they_are_read(load) -> None:
    cfg = load(base=BASE)
    assert cfg.counter.type is collections.OrderedDict
    assert cfg.counter["type"] is cfg.counter.get("type") is collections.OrderedDict
    assert dict(cfg.counter) == {**cfg.counter} == {"type": collections.OrderedDict}
    assert list(cfg.counter.values()) == [collections.OrderedDict]
    assert list(cfg.counter.items()) == [("type", collections.OrderedDict)]
    assert cfg.counter.lazy and not cfg.steps[0].lazy
    assert cfg.counter.copy().pop("type") is collections.OrderedDict
    with pytest.raises(ConfigError, match=r"base.py:3: nowhere.at_all.Model cannot be imported"):
        _ = cfg.model.type


def test_the_text_names_objects_and_reads_back(load) -> None:
    cfg = load(base=BASE, child=CHILD)
    assert "hook = dict(type='elsewhere.Hook')" in cfg.pretty_text
    assert Config.fromstring(cfg.pretty_text, ".py").to_dict() == cfg.to_dict()


def test_lazy_objects_pickle_and_compare() -> None:
    lazy = LazyObject("collections", "abc").Mapping
    assert pickle.loads(pickle.dumps(lazy)) == lazy
    assert str(lazy) == "collections.abc.Mapping" and lazy.build() is collections.abc.Mapping
    assert ConfigDict(a=lazy) == pickle.loads(pickle.dumps(ConfigDict(a=lazy)))


def test_copies_and_merges_import_nothing() -> None:
    lazy = LazyObject("nowhere.at_all", "Model")
    node = ConfigDict(ConfigDict(type=lazy, sub=ConfigDict(type=lazy)))
    node.update(ConfigDict(other=lazy))
    node.merge(ConfigDict(sub={"more": ConfigDict(type=lazy)}))
    both = node | ConfigDict(third=lazy)
    assert both.copy().to_dict()["sub"]["more"] == {"type": "nowhere.at_all.Model"}
    assert both.lazy and both.sub.more.lazy and both.to_dict()["third"] == str(lazy)


def test_files_that_share_names_follow_the_order_of_the_imports(load) -> None:
    child = (
        "from engine_config import read_base\n"
        "with read_base():\n    from .a import *\n    from .b import *"
    )
    cfg = load(a="x = 1\ny = 1", b="y = 2", child=child)
    assert cfg.to_dict() == {"x": 1, "y": 2}


def test_a_name_that_a_base_lacks_is_named_with_the_closest(load) -> None:
    child = "from engine_config import read_base\nwith read_base():\n    from .base import modle"
    with pytest.raises(
        ConfigKeyError, match=r"child.py:3:5: .*has no 'modle'; did you mean 'model'"
    ):
        load(base=BASE, child=child)
    with pytest.raises(ConfigError, match=r"child.py:3:5: a base cannot be read: there is no"):
        load(child=child.replace(".base", ".nobase"))
    with pytest.raises(ConfigError, match="below read_base"):
        load(base=BASE, child=child.replace("from .base import modle", "x = 1"))


def test_normal_python_is_usable(load) -> None:
    text = (
        "import os.path as osp\nfrom nowhere import Net\nroot = osp.join('a', 'b')\n"
        "nets = [dict(type=Net, depth=d) for d in (18, 50)]"
    )
    cfg = load(child=text, trust=False)
    assert cfg.root == str(Path("a", "b"))
    assert cfg.to_dict()["nets"][1] == {"type": "nowhere.Net", "depth": 50}


def test_what_needs_execution_is_executed_with_imports_still_lazy(load) -> None:
    text = (
        "from nowhere import Net\nimport os, nowhere.sub as sub\nclass A:\n    depth = 3\n"
        "net = dict(type=Net, depth=A.depth, cwd=os.path.basename('x/y'), act=sub.Act)"
    )
    cfg = load(child=text)
    net = {"type": "nowhere.Net", "depth": 3, "cwd": "y", "act": "nowhere.sub.Act"}
    assert cfg.to_dict()["net"] == net


def test_a_lazy_object_cannot_be_called_while_reading(load) -> None:
    with pytest.raises(ConfigError, match=r"write dict\(type=nowhere.Net, ...\)"):
        load(child="from nowhere import Net\nnet = Net(3)")


def test_the_style_can_be_forced(load) -> None:
    text = "from collections import OrderedDict\na = dict(type=OrderedDict)"
    assert load(child=text, lazy_import=True).to_dict() == {
        "a": {"type": "collections.OrderedDict"}
    }
    with pytest.raises(ConfigError, match="ModuleNotFoundError"):
        load(child="import nowhere\na = 1", lazy_import=False)


def test_read_base_does_nothing_by_itself() -> None:
    with read_base():
        pass
