"""A training on several ranks whose optimizer's config freezes a layer."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn

from engine_model import BaseModel
from engine_runner import Runner


class Two(BaseModel):
    """Two layers."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.frozen = nn.Linear(2, 2)
        self.trained = nn.Linear(2, 1)

    def forward(self, *inputs: Tensor, mode: str = "tensor") -> dict[str, Tensor]:
        """Sum up what the layers give."""
        return {"loss": self.trained(self.frozen(torch.stack(inputs))).mean()}


def training(folder: str) -> dict[str, Any]:
    """Train for three iterations; return which weights stayed as they were, and all of them."""
    os.chdir(folder)
    custom = {"custom_keys": {"frozen": {"requires_grad": False}}}
    samples = [torch.full((2,), float(n)) for n in range(12)]
    sampler = {"type": "DefaultSampler", "shuffle": False}
    runner = Runner(
        Two(),
        "work",
        train_dataloader={"batch_size": 2, "dataset": samples, "sampler": sampler},
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}, "paramwise_cfg": custom},
        default_hooks={"checkpoint": None},
        launcher="pytorch",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        log_level="ERROR",
    )
    before = {key: value.clone() for key, value in Two().state_dict().items()}
    runner.train()
    after = {key.removeprefix("module."): v for key, v in runner.model.state_dict().items()}
    return {
        "wrapper": type(runner.model).__name__,
        "as before": [key for key, value in after.items() if torch.equal(value, before[key])],
        "weights": {key: value.tolist() for key, value in after.items()},
    }
