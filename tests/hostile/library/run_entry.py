"""What the judge does with each public way by which a file comes in: it hands over a stranger's."""

from __future__ import annotations

import argparse  # noqa: F401
import contextlib
import difflib  # noqa: F401
import json
import tempfile
import unittest.mock  # noqa: F401
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import run_checkpoint
import torch

import engine_checkpoint as ck
from engine_config import Config
from engine_fileio import JsonHandler, YamlHandler, load
from engine_logging import read_scalars
from engine_runner import load_checkpoint
from engine_runner.cli import main
from engine_runner.compare import read_runs
from engine_runner.infer import BaseInferencer, Inferencer
from engine_visual import plot_scalars, write_report  # noqa: F401 - as difflib

__all__ = ["CALLS", "call"]


def _engine(*words: str) -> Callable[[], Any]:
    def run() -> Any:
        result = click.testing.CliRunner().invoke(main, [*words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


class _Inferencer(BaseInferencer):
    visualize = postprocess = _init_pipeline = lambda self, *args, **kwargs: None


def _opened(handler: Any, name: str) -> Any:
    with Path(name).open("rb") as file:
        return handler.load_from_fileobj(file)


# Each is called in a folder of `code.py`, `code.yaml`, `code.json`, `code.pkl`, `code.pth`, a
# `ck/` with a manifest, a `run/` with its config, and a `last_checkpoint`.
CALLS: dict[str, Callable[[], Any]] = {
    "engine_config.Config.fromfile": lambda: Config.fromfile("code.py", trust=False),
    "engine_config.Config.fromstring": lambda: Config.fromstring(
        Path("code.py").read_text(), ".py", trust=False
    ),
    "engine_config.Config.diff": lambda: Config.diff("code.py", "code.py", trust=False),
    "engine_runner.infer.Inferencer": lambda: Inferencer(weights="code.pth", device="cpu"),
    "engine_runner.infer.BaseInferencer": lambda: _Inferencer(weights="code.pth", device="cpu"),
    "engine_fileio.load": lambda: load("code.pkl", trusted=False),
    "engine_fileio.JsonHandler.load_from_fileobj": lambda: _opened(JsonHandler(), "code.json"),
    "engine_fileio.JsonHandler.load_from_path": lambda: JsonHandler().load_from_path("code.json"),
    "engine_fileio.YamlHandler.load_from_fileobj": lambda: _opened(YamlHandler(), "code.yaml"),
    "engine_fileio.YamlHandler.load_from_path": lambda: YamlHandler().load_from_path("code.yaml"),
    "engine_logging.read_scalars": lambda: read_scalars("code.json"),
    "engine_runner.Runner": lambda: run_checkpoint.RUNNER.resume("code.pth"),
    "engine_runner.load_checkpoint": lambda: load_checkpoint(torch.nn.Linear(1, 1), "code.pth"),
    "engine_checkpoint.load_checkpoint": lambda: ck.load_checkpoint(
        torch.nn.Linear(1, 1), "code.pth"
    ),
    "engine_checkpoint.CheckpointLoader.load_checkpoint": lambda: (
        ck.CheckpointLoader.load_checkpoint("code.pth", "cpu", "silent")
    ),
    "engine_checkpoint.find_latest_checkpoint": lambda: ck.find_latest_checkpoint("."),
    "engine_checkpoint.is_sharded_checkpoint": lambda: ck.is_sharded_checkpoint("ck"),
    "engine_checkpoint.is_whole": lambda: ck.is_whole("code.pth"),
    "engine_checkpoint.publish_model": lambda: ck.publish_model("code.pth", "out.pth"),
    "engine_checkpoint.read_file": lambda: ck.read_file("code.pth"),
    "engine_checkpoint.read_own_part": lambda: ck.read_own_part("code.pth", 0),
    "engine_checkpoint.read_safetensors": lambda: ck.read_safetensors("code.pth"),
    "engine_checkpoint.read_sharded": lambda: ck.read_sharded("ck"),
    "engine_checkpoint.read_with_prefix": lambda: ck.read_with_prefix("w", "code.pth"),
    "engine_checkpoint.resumable": lambda: list(ck.resumable(".")),
    "engine_checkpoint.safetensors_of": lambda: ck.safetensors_of("code.pth"),
    "engine_runner.compare.read_runs": lambda: read_runs(["run"]),
    "engine compare": _engine("compare", "run", "--out", "out.html"),
    "engine config show": _engine("config", "show", "code.py"),
    "engine config explain": _engine("config", "explain", "code.py", "x"),
    "engine config diff": _engine("config", "diff", "code.py", "code.py"),
    "engine config check": _engine("config", "check", "code.py"),
    "engine migrate": _engine("migrate", "code.py", "--diff"),
    "engine plot": _engine("plot", ".", "--out", "out.png"),
    "engine publish": _engine("publish", "code.pth", "out.pth"),
}


def _import_what_draws() -> None:
    """Compare and draw a harmless run, so that what these import isn't taken for the stranger's."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("run/vis_data").mkdir(parents=True)
        Path("run/vis_data/scalars.json").write_text('{"loss": 0.5, "step": 1}\n')
        for name in ("engine compare", "engine plot"):
            CALLS[name]()


_import_what_draws()


def call(case: dict[str, Any]) -> str:
    """Go the way that a case names, and say what came of it."""
    try:
        return json.dumps(CALLS[case["entry"]](), default=str)[:300]
    except TypeError as error:
        if "argument" in str(error):  # it is called wrongly here
            raise
        return f"TypeError: {error!s:.300}"
    except Exception as error:
        return f"{type(error).__name__}: {error!s:.300}"
