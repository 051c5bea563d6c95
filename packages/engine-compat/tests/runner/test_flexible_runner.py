"""MMEngine's second runner is the one Runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import engine_runner
from mmengine._strategy import SingleDeviceStrategy
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, MODELS, RUNNERS
from mmengine.runner import FlexibleRunner, Runner
from mmengine.visualization import Visualizer


class Line(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, inputs: Any, mode: str = "tensor") -> Any:
        found = self.layer(inputs)
        return {"loss": found.square().sum()} if mode == "loss" else found


class Points(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"inputs": torch.ones(2) * index}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> Any:
    for registry, kind in ((MODELS, Line), (DATASETS, Points)):
        if kind.__name__ not in registry.module_dict:
            registry.register_module(module=kind)
    monkeypatch.setenv("ENGINE_PROGRESS", "0")
    yield
    for instances in (MMLogger._instance_dict, Visualizer._instance_dict):
        for instance in list(instances.values()):
            instance.close()
        instances.clear()


def config(folder: Path) -> dict[str, Any]:
    return {
        "model": {"type": "Line"},
        "work_dir": str(folder),
        "train_dataloader": {
            "dataset": {"type": "mmengine.Points"},
            "batch_size": 2,
            "sampler": {"type": "mmengine.DefaultSampler", "shuffle": True},
            "collate_fn": {"type": "default_collate"},
        },
        "train_cfg": {"by_epoch": True, "max_epochs": 1},
        "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1}},
        "custom_hooks": [{"type": "EMAHook", "_scope_": "mmengine"}],
        "log_level": "ERROR",
        "default_scope": "mmengine",
    }


def test_it_trains_as_the_runner_does(tmp_path: Path) -> None:
    weights = []
    for kind in (Runner, FlexibleRunner):
        given = {**config(tmp_path / kind.__name__), "randomness": {"seed": 1}}
        runner = kind.from_cfg(Config(given))
        assert isinstance(runner, engine_runner.Runner)
        weights.append(runner.train().state_dict()["layer.weight"])
        assert (runner.default_scope.scope_name, runner.iter) == ("mmengine", 2)
    assert torch.equal(*weights)


def test_it_takes_mmengines_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = FlexibleRunner(
        Line(), strategy={"type": "SingleDeviceStrategy"}, launcher=None, log_level="ERROR"
    )
    assert Path(runner.work_dir) == tmp_path / "work_dirs"
    assert isinstance(runner.strategy, SingleDeviceStrategy)
    assert runner.launcher == "none"


def test_compile_goes_where_a_runner_reads_it(tmp_path: Path) -> None:
    runner = FlexibleRunner(
        Line(),
        work_dir=str(tmp_path),
        compile={"backend": "eager", "disable": True},
        cfg={"mine": 1},
        log_level="ERROR",
    )
    assert runner.cfg.compile == {"backend": "eager", "disable": True}
    assert runner.cfg.mine == 1


def test_it_is_found_by_its_name() -> None:
    assert RUNNERS.get("FlexibleRunner") is RUNNERS.get("mmengine.FlexibleRunner") is FlexibleRunner
