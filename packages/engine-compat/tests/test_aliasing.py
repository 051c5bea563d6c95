"""Names stay what they are, wherever they are imported from, and whoever replaces them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import ModuleType
from unittest.mock import patch

import pytest

import engine_config
import engine_dist
import engine_runner
import mmengine
from engine_dist import group
from engine_runner.hooks import ema


def in_a_new_process(code: str) -> str:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def test_importing_it_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import mmengine, sys; mmengine.Config; mmengine.load; mmengine.Registry; mmengine.Timer\n"
        "print({'torch', 'numpy'} & set(sys.modules))"
    )
    assert in_a_new_process(code) == "set()"


def test_a_name_is_the_same_object_by_every_path() -> None:
    import mmengine.runner.runner

    assert mmengine.runner.Runner is engine_runner.Runner is mmengine.runner.runner.Runner
    assert mmengine.hooks.ema_hook.EMAHook is mmengine.hooks.EMAHook is ema.EMAHook
    assert mmengine.Config is mmengine.config.config.Config is engine_config.Config


def test_submodules_are_imported_when_they_are_asked_for() -> None:
    code = "import mmengine; print(mmengine.structures.instance_data.InstanceData.__name__)"
    assert in_a_new_process(code) == "InstanceData"


def test_a_function_hides_the_module_of_its_name_as_in_mmengine() -> None:
    import mmengine.utils.dl_utils.collect_env

    assert callable(mmengine.utils.dl_utils.collect_env)
    assert isinstance(sys.modules["mmengine.utils.dl_utils.collect_env"], ModuleType)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'mmengine\.dist' has no attribute 'get_ranks'"):
        _ = mmengine.dist.get_ranks
    with pytest.raises(ModuleNotFoundError, match=r"mmengine\.nothing"):
        import_module("mmengine.nothing")
    assert not hasattr(mmengine, "__wrapped__")


@pytest.mark.parametrize("target", ["mmengine.dist.get_rank", "mmengine.dist.utils.get_rank"])
def test_patching_a_name_takes_effect_in_our_code(target: str) -> None:
    before = engine_dist.get_rank
    with patch(target, return_value=3) as patched:
        assert engine_dist.get_rank is group.get_rank is mmengine.dist.get_rank is patched
        assert not engine_dist.is_main_process()
        assert engine_dist.get_dist_info() == (3, 1)
    assert engine_dist.get_rank is group.get_rank is mmengine.dist.get_rank is before
    assert mmengine.dist.utils.get_rank is before
    assert engine_dist.is_main_process()


def test_patching_a_name_that_nobody_has_asked_for_yet_takes_effect() -> None:
    code = """
from unittest.mock import patch
import engine_config
with patch("mmengine.Config", 1):
    import mmengine.config
    assert mmengine.Config == mmengine.config.Config == engine_config.Config == 1
assert mmengine.Config is mmengine.config.Config is engine_config.Config
assert isinstance(mmengine.Config, type)
print("restored")
"""
    assert in_a_new_process(code) == "restored"


def test_a_name_that_is_patched_twice_comes_back() -> None:
    before = mmengine.load
    for _ in range(2):
        with patch("mmengine.load", 1), patch("mmengine.fileio.load", 2):
            assert mmengine.load == mmengine.fileio.io.load == 2
        assert mmengine.load is mmengine.fileio.io.load is before


def test_a_new_name_is_set_in_its_module_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmengine.dist, "surely_new", 1, raising=False)
    assert mmengine.dist.surely_new == 1
    assert not hasattr(engine_dist, "surely_new")
