"""A training so small that it can be run for every event of the file system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset

from engine_runner import BaseMetric, BaseModel, Runner

__all__ = ["small_runner"]


class Line(BaseModel):
    """y = w x + b."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)
        nn.init.constant_(self.layer.weight, 0.5)
        nn.init.constant_(self.layer.bias, 0.0)

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        """Return a loss, or pairs."""
        if mode == "loss":
            return {"loss": ((self.layer(x) - y) ** 2).mean()}
        return [*zip(self.layer(x), y, strict=True)]


class Points(Dataset[Any]):
    """Eight of them."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        return torch.tensor([index / 8, 1.0]), torch.tensor([index / 4])


class Falls(BaseMetric):
    """How near the predictions are."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        """Keep the distances."""
        self.results += [float((one - other).abs()) for one, other in data_samples]

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        """Return their mean."""
        return {"distance": sum(results) / len(results)}


def small_runner(work_dir: Path, mode: str, *, resume: bool, epochs: int = 3) -> Runner:
    """A runner of three epochs, each of which is saved; ``mode`` says how."""
    torch.set_num_threads(1)
    data = {
        "batch_size": 4,
        "dataset": Points(),
        "sampler": {"type": "DefaultSampler", "shuffle": True},
        "collate_fn": {"type": "default_collate"},
    }
    kept = {"interval": 1, "max_keep_ckpts": 2, "save_best": "distance", "rule": "less"}
    in_a_group = "RANK" in os.environ
    strategy = {"type": "DDPStrategy" if in_a_group else "SingleDeviceStrategy"}
    if mode.startswith("sharded"):
        strategy["state_dict_cfg"] = "sharded"
    return Runner(
        Line(),
        str(work_dir),
        train_dataloader=data,
        train_cfg={"by_epoch": True, "max_epochs": epochs},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
        param_scheduler={"type": "StepLR", "step_size": 1},
        val_dataloader=data,
        val_cfg={},
        val_evaluator={"type": Falls},
        default_hooks={"checkpoint": {**kept, "async_save": mode.startswith("async")}},
        strategy=strategy,
        launcher="pytorch" if in_a_group else "none",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        randomness={"seed": 1},
        resume=resume,
        log_level="CRITICAL",
    )
