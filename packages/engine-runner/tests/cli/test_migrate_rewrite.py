"""What becomes of a source file, and that nothing else of it changes."""

from __future__ import annotations

import ast

import pytest

from engine_runner.cli.migrate.rewrite import examine


def rewritten(source: str) -> str:
    return examine(source.encode()).text.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from mmengine.config import Config", "from engine_config import Config"),
        ("from mmengine import Config as C, load", "from engine_config import Config as C\n"
         "from engine_fileio import load"),
        ("from mmengine.hooks.ema_hook import EMAHook  # why", "from engine_runner.hooks import "
         "EMAHook  # why"),
        ("from mmengine.evaluator.metric import _to_cpu",
         "from engine_evaluator.metric import to_cpu as _to_cpu"),
        ("from mmengine.utils import is_str, ManagerMixin",
         "from mmengine.utils import is_str\nfrom engine_registry import ManagerMixin"),
        ("import mmengine.dist as d\nd.barrier()", "import engine_dist as d\nd.barrier()"),
        ("import mmengine.runner as r\nr.weights_to_cpu(r.checkpoint._load_checkpoint_with_prefix)",
         "import engine_checkpoint\nimport engine_runner.runner\n"
         "engine_runner.runner.weights_to_cpu(engine_checkpoint.read_with_prefix)"),
        ("from mmengine import fileio\nfileio.get('a')", "import engine_fileio as fileio\n"
         "fileio.get('a')"),
        ("from mmengine.runner import amp, Runner\namp.autocast()",
         "import engine_runner.runner as amp\nfrom engine_runner.runner import Runner\n"
         "amp.autocast()"),
    ],
)  # fmt: skip
def test_imports_become_those_of_the_native_packages(before: str, after: str) -> None:
    assert rewritten(before + "\n") == after + "\n"
    assert rewritten(after + "\n") == after + "\n"


def test_attributes_are_rewritten_and_what_they_need_is_imported() -> None:
    before = """\
import os, mmengine
import mmengine.dist


def f(a: mmengine.Config):
    "ü"; x = "ü"; mmengine.fileio.io.load(a); y = mmengine.dist.get_rank() + \\
        mmengine.dist.utils.get_world_size()
"""
    after = """\
import os
import engine_config
import engine_dist
import engine_fileio


def f(a: engine_config.Config):
    "ü"; x = "ü"; engine_fileio.load(a); y = engine_dist.get_rank() + \\
        engine_dist.get_world_size()
"""
    assert rewritten(before) == after


def test_what_engine_compat_alone_has_stays_with_its_import() -> None:
    before = "import mmengine\nmmengine.mkdir_or_exist(mmengine.load('a'))\n"
    after = (
        "import mmengine\nimport engine_fileio\nmmengine.mkdir_or_exist(engine_fileio.load('a'))\n"
    )
    assert rewritten(before) == rewritten(after) == after


def test_the_layout_of_an_import_stays_where_its_module_alone_changes() -> None:
    before = "from mmengine.model import (BaseModel,   # one\n        Sequential)\n"
    assert rewritten(before) == before.replace("mmengine.model", "engine_model")


def test_a_long_import_is_broken_where_it_stands() -> None:
    names = "EpochBasedTrainLoop, IterBasedTrainLoop, find_latest_checkpoint, FlexibleRunner"
    found = rewritten(f"if 1:\n    from mmengine.runner import {names}, CheckpointLoader\n")
    assert found.startswith("if 1:\n    from mmengine.runner import FlexibleRunner\n    from")
    assert "import (\n        EpochBasedTrainLoop,\n" in found
    ast.parse(found)


def test_comments_that_would_be_lost_keep_an_import_as_it_is() -> None:
    before = "from mmengine import (Config,  # one\n    load)\n"
    found = examine(before.encode())
    assert found.text.decode() == before
    assert "comments inside" in found.left[0].why


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from mmengine.runner import *\n", "everything of mmengine.runner"),
        ("import mmengine.dist as dist\ndef f(dist): dist.get_rank()\n", "bound to something else"),
        ("import mmengine.runner as r\nr.load_checkpoint = None\n", "is set"),
        ("patch('mmengine.dist.get_rank')\n", "a text names mmengine.dist.get_rank"),
    ],
)
def test_what_cannot_be_done_safely_is_left_and_told(source: str, why: str) -> None:
    found = examine(source.encode())
    assert found.text == source.encode()
    assert [why in left.why for left in found.left] == [True]


def test_full_paths_of_a_config_are_rewritten_and_scopes_are_not() -> None:
    before = "a = dict(type='mmengine.hooks.EMAHook', scope='mmengine')\n"
    assert "type='engine_runner.hooks.EMAHook', scope='mmengine'" in rewritten(before)
    before = "a = {'type': 'mmengine.DefaultSampler', 'note': 'mmengine.hooks'}\n"
    assert rewritten(before) == before
    assert not examine(before.encode()).uses


def test_names_that_nobody_serves_are_told_apart() -> None:
    source = b"from mmengine.hooks import NoHook\nimport mmengine\nmmengine.nothing.at_all\n"
    found = examine(source)
    assert [use.written for use in found.uses if not use.is_served] == [
        "mmengine.hooks.NoHook",
        "mmengine.nothing",
    ]
    assert found.text == source


def test_windows_line_ends_and_one_line_blocks_stay() -> None:
    before = "if 1: from mmengine import Config, load\r\nimport mmengine\r\nmmengine.load\r\n"
    found = rewritten(before)
    assert found == (
        "if 1: from engine_config import Config; from engine_fileio import load\r\n"
        "import engine_fileio\r\nengine_fileio.load\r\n"
    )
    ast.parse(found)


def test_an_import_in_a_block_needs_nothing_that_is_imported_at_the_top() -> None:
    before = "import mmengine\nmmengine.load\ntry:\n    import mmengine.fileio\nfinally: 1\n"
    after = "import engine_fileio\nengine_fileio.load\ntry:\n    pass\nfinally: 1\n"
    assert rewritten(before) == after


def test_a_file_without_mmengine_is_not_even_parsed() -> None:
    assert examine(b"this is : no Python").text == b"this is : no Python"
    with pytest.raises(SyntaxError):
        examine(b"mmengine is : no Python")
