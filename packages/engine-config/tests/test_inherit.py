"""Files that inherit from files, of every kind from every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine_config import (
    Config,
    ConfigError,
    ConfigKeyError,
    ConfigNotFoundError,
    ConfigSyntaxError,
    ConfigTypeError,
)

BASE = """
optimizer = dict(type='SGD', lr=0.02)
model = dict(type='R', backbone=dict(depth=50, norm=dict(type='BN')), heads=[dict(a=1), dict(a=2)])
data_root = 'data/coco'
pipeline = [dict(type='Load'), dict(type='Resize', scale=(1, 2))]
"""


def test_a_dict_merges_and_anything_else_replaces(load) -> None:
    cfg = load(base=BASE, child="_base_ = 'base.py'\nmodel = dict(backbone=dict(depth=101))\nx = 1")
    assert cfg.model.backbone == {"depth": 101, "norm": {"type": "BN"}}
    assert list(cfg) == ["optimizer", "model", "data_root", "pipeline", "x"]
    assert load(base=BASE, child="_base_ = ['base.py']\nmodel = 3").model == 3


def test_delete_replaces_a_dict(load) -> None:
    text = "_base_ = './base.py'\nmodel = dict(backbone=dict(norm=dict(_delete_=True, type='GN')))"
    assert load(base=BASE, child=text).model.backbone.norm == {"type": "GN"}
    assert load(child="new = dict(_delete_=True, a=1)").new == {"_delete_": True, "a": 1}


def test_indices_change_elements_of_a_list(load) -> None:
    text = "_base_ = 'base.py'\nmodel = dict(heads={'1': dict(b=3)})\npipeline = {0: 5}"
    cfg = load(base=BASE, child=text)
    assert cfg.model.heads == [{"a": 1}, {"a": 2, "b": 3}]
    assert cfg.pipeline[0] == 5
    with pytest.raises(ConfigKeyError, match=r"pipeline is a list of 2: there is no index 7"):
        load(base=BASE, child="_base_ = 'base.py'\npipeline = {7: 5}")


def test_a_dict_for_what_is_no_dict_names_both_places(load) -> None:
    with pytest.raises(ConfigTypeError) as caught:
        load(base=BASE, child="_base_ = 'base.py'\ndata_root = dict(x=1)")
    text = str(caught.value)
    assert (
        "data_root is a dict in the child (child.py:2:1) and str in its base (base.py:4:1)" in text
    )
    assert "_delete_=True" in text


def test_base_values_are_referred_to(load) -> None:
    text = """
_base_ = 'base.py'
a = _base_.model.backbone.depth * 2
b = {{_base_.pipeline}}
c = '{{_base_.data_root}}/train'
d = {{ _base_.model.heads }}[0]
"""
    cfg = load(base=BASE, child=text)
    assert (cfg.a, cfg.c, cfg.d) == (100, "data/coco/train", {"a": 1})
    assert cfg.b == cfg.pipeline and cfg.b[0] is not cfg.pipeline[0]


def test_an_unknown_base_variable_offers_the_closest_with_its_place(load) -> None:
    for reference in ("_base_.optimzer", "{{_base_.optimzer}}"):
        with pytest.raises(ConfigError) as caught:
            load(base=BASE, child=f"_base_ = 'base.py'\nlr = {reference}")
        first, line, caret = str(caught.value).split("\n")
        assert first == (
            "child.py:2:6: unknown base variable 'optimzer'; "
            "did you mean 'optimizer' (base.py:2:1)?"
        )
        assert line.strip() == f"lr = {reference}" and caret == "         ^"
    with pytest.raises(ConfigKeyError, match="no _base_ to refer to"):
        load(child="a = {{_base_.x}}")


def test_two_bases_that_set_the_same_name_are_both_named(load) -> None:
    with pytest.raises(ConfigKeyError, match=r"'a' is set by two bases \(b1.py:1:1 and b2.py:2"):
        load(b1="a = 1", b2="b = 1\na = 2", child="_base_ = ['b1.py', 'b2.py']")


def test_no_container_stands_at_two_places(load) -> None:
    cfg = load(child="a = [dict(x=1)]\nb = dict(a=a)\nc = a")
    cfg.a[0].x = 2
    assert cfg.b.a[0].x == cfg.c[0].x == 1


def test_paths_are_relative_to_the_file(load) -> None:
    files = {"bases/deep/one.py": "a = 1", "bases/two.py": "_base_ = 'deep/one.py'\nb = 2"}
    cfg = load(files={**files, "exp/child.py": "_base_ = '../bases/two.py'\nc = 3"})
    assert cfg.to_dict() == {"a": 1, "b": 2, "c": 3}


def test_a_missing_base_points_to_the_line_that_asks(load) -> None:
    with pytest.raises(ConfigNotFoundError) as caught:
        load(base=BASE, child="x = 1\n_base_ = 'bsae.py'")
    assert str(caught.value).startswith("child.py:2:1: a base cannot be read: bsae.py: there is no")
    assert "did you mean 'base.py'?" in str(caught.value)
    assert isinstance(caught.value, FileNotFoundError)


def test_a_cycle_is_named(load) -> None:
    with pytest.raises(ConfigError, match=r"inherits from itself: .*b.py -> .*a.py -> .*b.py"):
        load(a="_base_ = 'b.py'", b="_base_ = 'a.py'")


def test_base_is_a_path_or_paths(load) -> None:
    with pytest.raises(ConfigError, match=r"child.py:1:1: _base_ is a path or a list of.*got 3"):
        load(child="_base_ = 3")


@pytest.mark.parametrize(
    ("name", "child"),
    [
        ("c.json", '{"_base_": "base.py", "model": {"backbone": {"depth": 101}}, '
         '"r": {{_base_.data_root}}, "s": "{{ _base_.data_root }}/x", "t": "{{_base_.pipeline}}"}'),
        ("c.yaml", "_base_: [base.py]\nmodel: {backbone: {depth: 101}}\nr: {{_base_.data_root}}\n"
         "s: '{{_base_.data_root}}/x'\nt: {{_base_.pipeline}}\n"),
    ],
)  # fmt: skip
def test_data_files_inherit_from_python(load, name: str, child: str) -> None:
    cfg = load(files={"base.py": BASE, name: child})
    assert cfg.model.backbone == {"depth": 101, "norm": {"type": "BN"}}
    assert (cfg.r, cfg.s, cfg.t) == ("data/coco", "data/coco/x", cfg.pipeline)
    assert str(cfg.origin("optimizer.lr")) == "base.py:2:30"


def test_python_inherits_from_data_files(load) -> None:
    files = {"a.yaml": "x: {y: 1, z: 2}", "b.json": '{"w": [1, 2]}'}
    cfg = load(files={**files, "c.py": "_base_ = ['a.yaml', 'b.json']\nx = dict(y=3)"})
    assert cfg.to_dict() == {"x": {"y": 3, "z": 2}, "w": [1, 2]}


def test_pure_python_and_text_files_mix(load) -> None:
    pure = "from torch.optim import SGD\noptimizer = dict(type=SGD, lr=0.1)"
    cfg = load(pure=pure, text="_base_ = 'pure.py'\noptimizer = dict(lr=0.2)")
    assert cfg.to_dict() == {"optimizer": {"type": "torch.optim.SGD", "lr": 0.2}}
    child = (
        "from engine_config import read_base\nwith read_base():\n    from .text import *\n"
        "    from .data import *\noptimizer.update(lr=0.3)"
    )
    files = {"pure.py": pure, "text.py": "_base_ = 'pure.py'", "data.yaml": "a: 1", "c.py": child}
    cfg = load(files=files)
    assert cfg.to_dict() == {"optimizer": {"type": "torch.optim.SGD", "lr": 0.3}, "a": 1}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed package with configs, which fails when it is imported."""
    site = tmp_path / "site"
    configs = site / "fakelib" / ".mim" / "configs" / "_base_"
    configs.mkdir(parents=True)
    (site / "fakelib" / "__init__.py").write_text("raise RuntimeError('imported')")
    (configs / "b.py").write_text(
        "model = dict(type='R', sub=dict(type='S'))\nlst = [dict(type='X')]\nn = 1\n"
        "hooks = dict(timer=dict(type='T'), more=[dict(type='M', _scope_='own')])\n"
        "settings = dict(seed=0, empty={})"
    )
    info = site / "fake_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-dist\nVersion: 1.0\n")
    (info / "RECORD").write_text("fakelib/__init__.py,,\n")
    monkeypatch.syspath_prepend(site)
    return "fakelib"


@pytest.mark.parametrize("name", ["fakelib", "fake-dist"])
def test_configs_of_a_package_are_found_without_importing_it(load, library: str, name: str) -> None:
    cfg = load(child=f"_base_ = '{name}::_base_/b.py'\nz = _base_.model")
    assert cfg.model == {"type": "R", "sub": {"type": "S"}, "_scope_": name}
    assert cfg.lst == [{"type": "X", "_scope_": name}]
    assert cfg.z == cfg.model and cfg.n == 1
    assert "fakelib" not in sys.modules


def test_only_what_is_built_is_told_the_scope_of_its_package(load, library: str) -> None:
    cfg = load(child=f"_base_ = '{library}::_base_/b.py'")
    assert cfg.hooks.to_dict() == {
        "timer": {"type": "T", "_scope_": library},
        "more": [{"type": "M", "_scope_": "own"}],
    }
    assert cfg.settings.to_dict() == {"seed": 0, "empty": {}}


def test_pure_python_reads_configs_of_a_package(load, library: str) -> None:
    text = "with read_base():\n    from fakelib.configs._base_.b import model as m"
    assert load(child=f"from mmengine.config import read_base\n{text}").m.sub == {"type": "S"}


def test_a_package_that_has_its_name_is_found_without_the_lists_of_all_its_files(
    tmp_path: Path, library: str
) -> None:
    path = tmp_path / "child.py"
    path.write_text("with read_base():\n    from fakelib.configs._base_.b import *\n")
    program = (
        "import sys; from engine_config import Config; sys.path.insert(0, sys.argv[1])\n"
        "assert Config.fromfile(sys.argv[2]).n == 1 and 'importlib.metadata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "site", path], check=True)


@pytest.mark.parametrize("name", ["fakelib", "fake-dist"])
def test_without_trust_only_installed_packages_have_configs(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "child.py"
    texts = (f"_base_ = '{name}::_base_/b.py'", "_base_ = 'fakelib::__init__.py'")
    pure = "with read_base():\n    from fakelib.configs._base_.b import *\n"
    site = tmp_path / "site"
    for text in (*texts, pure):
        path.write_text(text)
        with pytest.raises(ConfigNotFoundError, match="which is not installed"):
            Config.fromfile(path, trust=False)
        monkeypatch.chdir(site)  # which a program that is started there has on its path
        monkeypatch.syspath_prepend("")
        with pytest.raises(ConfigNotFoundError, match="which is not installed"):
            Config.fromfile(path, trust=False)
        monkeypatch.chdir(tmp_path)
    installed = tmp_path / "site-packages"
    site.rename(installed)
    monkeypatch.syspath_prepend(installed)
    path.write_text(texts[0])
    assert Config.fromfile(path, trust=False).n == 1
    source = tmp_path / "source" / "src"
    source.mkdir(parents=True)
    (installed / "fakelib").rename(source / "fakelib")
    note = {"dir_info": {"editable": True}, "url": source.parent.as_uri()}
    (installed / "fake_dist-1.0.dist-info" / "direct_url.json").write_text(json.dumps(note))
    assert Config.fromfile(path, trust=False).n == 1
    assert "fakelib" not in sys.modules


def test_a_package_or_file_that_is_missing_is_named(load, library: str) -> None:
    with pytest.raises(ConfigNotFoundError, match=r"'nolib', which is not installed: pip install"):
        load(child="_base_ = 'nolib::a.py'")
    with pytest.raises(ConfigNotFoundError, match=r"'fakelib' has no config 'zz.py'; looked in"):
        load(child="_base_ = 'fakelib::zz.py'")


def test_a_deprecated_file_warns_and_forgets_it(load) -> None:
    text = "_deprecation_ = dict(expected='new.py', reference='the log')\na = 1"
    with pytest.warns(DeprecationWarning, match=r"old.py will be removed; use new.py instead"):
        cfg = load(old=text)
    assert cfg.to_dict() == {"a": 1}


def test_the_text_holds_the_texts_of_all_files(load) -> None:
    cfg = load(base="a = 1", child="_base_ = 'base.py'\nb = 2")
    assert cfg.text == "base.py\na = 1\nchild.py\n_base_ = 'base.py'\nb = 2"
    assert str(cfg.filename) == "child.py"


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.py", b"a = 1\nb = '\xff'", ConfigSyntaxError, r"a.py:2:6: .*UTF-8: byte 0xff"),
        ("a.py", b"a='" + b"x" * 11_000_000 + b"'", ConfigSyntaxError, "at most 256 KiB.*10,742"),
        ("a.txt", b"a", ConfigSyntaxError, "ends in .py, .yaml, .yml, .json"),
        ("a.py", b"a = = 1", ConfigSyntaxError, r"a.py:1:5: invalid syntax"),
        ("a.py", b"a\x00 = 1", ConfigSyntaxError, "null bytes"),
        ("a.py", b"a=" + b"[" * 1000 + b"]" * 1000, ConfigSyntaxError, "nested parentheses"),
        ("a.py", b"a=" + b"-" * 5000 + b"1", ConfigSyntaxError, "nested too deeply"),
        ("a.py", b"a=" + b"1+" * 9000 + b"1", ConfigSyntaxError, "nested too deeply"),
        ("a.yaml", b"[" * 1000, ConfigSyntaxError, "a.yaml"),
        ("a.json", b'{"a":' * 1000, ConfigSyntaxError, "a.json:1:.*nested more than 200 deep"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        Config.fromfile(path, trust=False)


def test_a_folder_and_a_missing_file_say_so(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    for name in ("folder.py", "."):
        with pytest.raises(ConfigNotFoundError, match="this is a folder"):
            Config.fromfile(tmp_path / name)
    with pytest.raises(ConfigNotFoundError, match="nor is there a folder"):
        Config.fromfile(tmp_path / "no" / "file.py")
