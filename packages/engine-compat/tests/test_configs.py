"""Configs that say ``mmengine`` mean what they meant, and are written as they were read."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from mmengine.config import Config
from mmengine.dataset import DefaultSampler
from mmengine.hooks import EMAHook
from mmengine.registry import DATA_SAMPLERS, HOOKS, DefaultScope, build_from_cfg, init_default_scope

PURE = """
from functools import partial
from math import pi
import os.path as osp

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler
from mmengine.hooks import EMAHook

with read_base():
    from .base import *

hook = dict(type=EMAHook, momentum=pi / 10)
sampler = dict(type=DefaultSampler, shuffle=True)
collate = dict(type=partial, name=osp.join("a", "b"))
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "base.py").write_text("lr = 0.1\n")
    (tmp_path / "pure.py").write_text(PURE)
    return Config.fromfile(tmp_path / "pure.py")


def test_classes_are_written_by_the_names_that_they_were_imported_by(
    config: Config, tmp_path: Path
) -> None:
    config.dump(tmp_path / "dumped.py")
    text = (tmp_path / "dumped.py").read_text()
    assert "type='mmengine.hooks.EMAHook'" in text
    assert "type='mmengine.dataset.DefaultSampler'" in text
    again = Config.fromfile(tmp_path / "dumped.py")
    assert HOOKS.build(again.hook).__class__ is EMAHook


def test_functions_of_the_standard_library_are_imported_in_any_environment(config: Config) -> None:
    assert config.collate.type is functools.partial
    assert config.collate.name in ("a/b", "a\\b")
    assert config.hook.momentum == pytest.approx(0.314159, abs=1e-6)
    assert config.lr == 0.1


@pytest.mark.parametrize(
    "given", [{"type": "mmengine.EMAHook"}, {"type": "EMAHook", "_scope_": "mmengine"}]
)
def test_the_scope_mmengine_is_the_root(given: dict[str, str]) -> None:
    assert type(HOOKS.build(given)) is EMAHook
    assert type(build_from_cfg(given, HOOKS)) is EMAHook


def test_the_scope_mmengine_can_be_the_default_one() -> None:
    before = dict(DefaultScope._instance_dict)
    try:
        init_default_scope("mmengine")
        current = DefaultScope.get_current_instance()
        assert current is not None
        assert current.scope_name == "mmengine"
        sampler = DATA_SAMPLERS.build({"type": "DefaultSampler", "dataset": [1, 2]})
        assert type(sampler) is DefaultSampler
    finally:
        DefaultScope._instance_dict.clear()
        DefaultScope._instance_dict.update(before)
