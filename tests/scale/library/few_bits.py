"""A training with an optimizer of few bits, broken off and not; for processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from contract import STOP, Case, Net, train
from torch import Tensor, nn

from engine_dist.shards import local
from engine_runner import Hook

WRAPPER = {
    "type": "OptimWrapper",
    "optimizer": {"type": "ao_AdamW8bit", "lr": 0.01, "eps": 1e-2},
}


class Wide(Net):
    """With layers of which a half has the 4,096 weights from which on torchao saves bits."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Sequential(nn.Linear(4, 2048), nn.Tanh(), nn.Linear(2048, 4))

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        return super().forward(x + self.wide(x), y, mode)


class Kinds(Hook):
    """Keeps the classes of what the optimizer keeps."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def after_train(self, runner: Any) -> None:
        states = runner.optim_wrapper.optimizer.state.values()
        self.seen |= {type(local(each)).__name__ for state in states for each in state.values()}


def broken_and_not(case: Case, folder: str) -> dict[str, Any]:
    """What is trained in one go, and with a break."""
    kinds = Kinds()

    def trained(name: str, **options: Any) -> Any:
        torch.manual_seed(7)
        path = str(Path(folder) / name)
        return train(case, path, model=Wide(), optim_wrapper=WRAPPER, hooks=[kinds], **options)

    unbroken = trained("unbroken")
    trained("broken", stop=STOP)
    kinds.seen.clear()
    resumed = trained("broken", resume=True)
    return {"unbroken": unbroken["weights"], "resumed": resumed["weights"], "kinds": kinds.seen}
