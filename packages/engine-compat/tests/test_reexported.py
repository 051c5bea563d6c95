"""What MMEngine's modules hold by importing it is there, and can be patched."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from unittest import mock

import pytest

import mmengine
from mmengine.reexported import _table, names_of


def test_every_name_is_found_where_it_is_from() -> None:
    for module in _table():
        for name, home in names_of(module).items():
            if find_spec(re.split("[.:]", home)[0]) is not None:  # addict and rich may be missing
                assert hasattr(import_module(module), name), f"{module}.{name}"


@pytest.mark.parametrize(
    "code",
    [
        "from mmengine.runner.runner import Config, Hook, time; from mmengine.runner import runner",
        "import mmengine.runner.checkpoint as c; import torch; assert c.torch is torch",
        "from mmengine.model.base_module import print_log, initialize, update_init_info",
        "from mmengine.hooks.checkpoint_hook import FileClient, is_main_process",
        "from mmengine.analysis import jit_analysis, jit_handles; jit_handles.conv_flop_jit",
    ],
)
def test_a_fresh_process_imports_it(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_what_is_patched_there_is_patched_where_it_is_used() -> None:
    sampler = mmengine.dataset.DefaultSampler(range(10), shuffle=False, seed=0)
    assert len(sampler) == 10
    with mock.patch("mmengine.dataset.sampler.get_dist_info", return_value=(1, 2)):
        sampler = mmengine.dataset.DefaultSampler(range(10), shuffle=False, seed=0)
        assert [*sampler] == [1, 3, 5, 7, 9]
    assert len(mmengine.dataset.DefaultSampler(range(10), shuffle=False, seed=0)) == 10


def test_what_mmengine_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mmengine.runner.runner.nothing
