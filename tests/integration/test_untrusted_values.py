"""What a stranger's config names is built of it by one rule, wherever its values have gone."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import engine_fileio
from engine_checkpoint import read_file, save_checkpoint
from engine_config import Config, ConfigDict
from engine_registry import Registry, UntrustedNameError

STRANGER = """
from numpy import zeros
half = dict(type=zeros, shape=1, layers=[dict(type=zeros), (dict(type="os.getcwd"),)])
path = dict(type="os.getcwd", names={"a": "os.getcwd"}, kinds=("os.getcwd",))
"""

# Each way by which values leave a config, to containers of the program's own.
WAYS: dict[str, Callable[[ConfigDict], Any]] = {
    "**": lambda node: dict(**node),
    "ConfigDict(**)": lambda node: ConfigDict(**node),
    "a display": lambda node: {**node},
    "a comprehension": lambda node: {key: node[key] for key in node},
    "dict()": dict,
    "items": lambda node: ConfigDict([*node.items()]),
    "|": lambda node: {} | dict(node),
    "a plain update": lambda node: updated({}, node),
    "update": lambda node: updated(ConfigDict(), node),
    "update by **": lambda node: updated(ConfigDict(), dict(**node)),
    "get": lambda node: {key: node.get(key) for key in node},
    "pop": lambda node: {key: node.pop(key) for key in [*node]},
    "popitem": lambda node: dict(node.popitem() for _ in range(len(node))),
    "setdefault": lambda node: {key: node.setdefault(key) for key in node},
    "set by key": lambda node: Config({"x": dict(**node)})["x"],
    "merged": lambda node: merged({"x": dict(**node)}).x,
    "merged whole": lambda node: merged({"x": node}).x,
    "copy": copy.copy,
    "deepcopy": lambda node: copy.deepcopy(dict(node)),
    "pickle": lambda node: pickle.loads(pickle.dumps(dict(node))),
    "to_dict": lambda node: node.to_dict(),
    "to_dict of a Config": lambda node: Config(node).to_dict(),
    "a Config of it": lambda node: Config(node.to_dict())._cfg_dict,
}


def updated(target: Any, node: Any) -> Any:
    target.update(node)
    return target


def merged(options: dict[str, Any]) -> Config:
    cfg = Config()
    cfg.merge_from_dict(options)
    return cfg


def named(value: Any) -> Iterator[Any]:
    """All that names something, wherever it stands."""
    if isinstance(value, dict):
        value = [*dict.values(value)]
    if isinstance(value, list | tuple):
        for each in value:
            yield from named(each)
    elif value != 1:
        yield value


@pytest.mark.parametrize("way", WAYS)
def test_what_a_stranger_names_stays_his_whatever_way_it_leaves_his_config(way: str) -> None:
    cfg = Config.fromstring(STRANGER, ".py", trust=False)
    registry = Registry("number", scope="test_of_what_leaves")
    for name in ("half", "path"):
        found = WAYS[way](cfg[name])
        inside = [*named(found)]
        assert len(inside) == 3
        for each in (found, *({"type": one} for one in inside)):
            with pytest.raises(UntrustedNameError, match=r"numpy.zeros|os\.getcwd"):
                registry.build(dict(each))
        for each in inside:
            if isinstance(each, str):
                assert registry.get(each) is None
        assert registry.build({"type": "os.getcwd"}) == str(Path.cwd())
    cfg = Config.fromstring(STRANGER, ".py", trust=False).trust()
    assert registry.build({"type": WAYS[way](cfg.path)["type"]}) == str(Path.cwd())


@pytest.mark.parametrize("way", WAYS)
def test_a_library_that_a_stranger_names_is_not_imported(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_strangers_library.py").write_text("raise SystemExit('it has run')")
    monkeypatch.syspath_prepend(tmp_path)
    text = "model = dict(type='Linear', _scope_='a_strangers_library')"
    node = Config.fromstring(text, ".py", trust=False).model
    registry = Registry("layer", scope="test_of_a_library")
    with pytest.raises(UntrustedNameError, match=r"a_strangers_library\.registry"):
        registry.build(dict(WAYS[way](copy.deepcopy(node))))
    with pytest.raises(UntrustedNameError, match=r"a_strangers_library\.registry"):
        registry.build({"type": "Linear", "_scope_": node["_scope_"]})


def test_the_same_rule_holds_for_a_strangers_import_and_its_text() -> None:
    cfg = Config.fromstring(
        "from torch import nn\nfrom torch.nn import Linear\n"
        "a = dict(type=nn.Linear, in_features=2, out_features=1)\n"
        "b = dict(type=Linear, in_features=2, out_features=1)\n"
        "c = dict(type='torch.nn.Linear', in_features=2, out_features=1)\n"
        "d = dict(type=nn.functional.relu)\ne = dict(type='torch.nn.functional.relu')\n",
        ".py",
        trust=False,
    )
    registry = Registry("layer", scope="test_of_one_rule")
    for each in (cfg.a, dict(cfg.b), cfg.b, cfg.c, dict(**cfg.c), cfg.c.to_dict(), cfg.a.to_dict()):
        assert type(registry.build(each)).__name__ == "Linear"
    for each in (cfg.d, cfg.e):
        with pytest.raises(UntrustedNameError, match=r"torch\.nn\.functional"):
            registry.build(each)


def test_a_name_that_remembers_its_trust_is_a_text_as_any_other(tmp_path: Path) -> None:
    cfg = Config.fromstring("a = dict(type='os.getcwd')", ".py", trust=False)
    name = cfg.to_dict()["a"]["type"]
    assert name == "os.getcwd" and hash(name) == hash("os.getcwd") and f"{name}" == "os.getcwd"
    assert json.loads(json.dumps(cfg.to_dict())) == cfg.to_dict()
    for dumper in (yaml.SafeDumper, yaml.Dumper, yaml.CSafeDumper):
        assert yaml.safe_load(yaml.dump(cfg.to_dict(), Dumper=dumper)) == cfg.to_dict()
    for suffix in (".py", ".yaml", ".json"):
        file = tmp_path / f"x{suffix}"
        cfg.dump(file)
        assert Config.fromfile(file).to_dict() == cfg.to_dict()
    for file_format in ("json", "yaml", "pickle"):
        text = engine_fileio.dump(cfg.to_dict(), file_format=file_format)
        assert file_format == "pickle" or "Untrusted" not in str(text)
    save_checkpoint({"dataset_meta": cfg.to_dict()}, str(tmp_path / "x.pth"))
    assert read_file(tmp_path / "x.pth")["dataset_meta"] == cfg.to_dict()
    assert repr(cfg) == "Config (path: None): {'a': {'type': 'os.getcwd'}}"
