"""A training of four epochs that takes a moment, and validates after each."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor, nn

from engine_registry import DATASETS, METRICS, MODELS
from engine_runner import BaseMetric, BaseModel


@DATASETS.register_module(force=True)
class Slope(torch.utils.data.Dataset[dict[str, Tensor]]):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"x": torch.tensor([index / 8.0, 1.0]), "y": torch.tensor(index / 4.0)}


@MODELS.register_module(force=True)
class Line(BaseModel):
    """A line; ``width`` 0 can't be trained, and ``pause_s`` gives somebody time to kill it."""

    def __init__(self, width: int = 1, pause_s: float = 0.0) -> None:
        super().__init__()
        self.layer = nn.Linear(2, width)
        self.pause_s = pause_s

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        time.sleep(self.pause_s)
        if self.layer.out_features == 0:
            raise RuntimeError("a line of no width")
        found = self.layer(x).mean(dim=1)
        if mode == "loss":
            return {"loss": (found - y).square().mean()}
        return [*zip(found, y, strict=True)] if mode == "predict" else found


@METRICS.register_module(force=True)
class Error(BaseMetric):
    default_prefix = "line"

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [float((found - y).abs()) for found, y in data_samples]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"error": sum(results) / len(results)}
