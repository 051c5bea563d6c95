"""A model that takes at least 64 MiB for each sample."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine_registry import DATASETS, MODELS
from engine_runner import BaseModel


@MODELS.register_module(force=True)
class Hungry(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, inputs: Tensor, mode: str = "tensor") -> Any:
        large = inputs.new_ones(len(inputs), 8 * 2**20) * self.scale
        return {"loss": (large * large.detach()).mean()}


@DATASETS.register_module(force=True)
class Zeros(list[Any]):
    def __init__(self, size: int) -> None:
        super().__init__({"inputs": torch.zeros(1)} for _ in range(size))
