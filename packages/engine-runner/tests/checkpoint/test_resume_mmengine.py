"""A training that mmengine 0.10.7 began goes on here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.data import Dataset
from toy import loader, without_validation

from engine_checkpoint import read_file
from engine_runner import BaseModel

GONE_ON_WITH = {
    "l.weight": [[-0.44542840123176575, 0.17172983288764954]],
    "l.bias": [0.6159842610359192],
}
OLD = Path(__file__).parent / "mmengine_0_10_7.pth"


class Old(BaseModel):
    """The model of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.l = nn.Linear(2, 1)

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        return {"loss": ((self.l(x) - y) ** 2).mean()}


class Diagonal(Dataset[Any]):
    """The data of the training that wrote the file."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        return torch.ones(2) * index / 4, torch.ones(1)


def test_weights_optimizer_schedule_history_and_clocks_are_gone_on_with(toy: Any) -> None:
    runner = toy(
        **without_validation(),
        model=Old(),
        train_dataloader=loader(Diagonal()),
        train_cfg={"by_epoch": True, "max_epochs": 3},
        optim_wrapper={"optimizer": {"type": "Adam", "lr": 0.01}},
        param_scheduler={"type": "StepLR", "step_size": 1, "end": 2},  # as it was for MMEngine
        load_from=str(OLD),
        resume=True,
    )
    runner.train()
    assert (runner.epoch, runner.iter) == (3, 6)
    state = runner.optim_wrapper.state_dict()
    assert state["state"][0]["step"] == 6
    rates = runner.message_hub.get_scalar("train/lr").data[0].tolist()
    assert rates == pytest.approx([0.01, 0.01, 1e-3, 1e-3, 1e-3, 1e-3])
    assert len(runner.message_hub.get_scalar("train/loss").data[0]) == 6
    assert runner.seed == 1
    # What mmengine 0.10.7 came to when it went on with the file on the same data.
    for name, value in GONE_ON_WITH.items():
        weight = runner.model.state_dict()[name]
        torch.testing.assert_close(weight, torch.tensor(value), rtol=1e-6, atol=1e-6)


def test_its_weights_alone_are_a_start(toy: Any) -> None:
    model = Old()
    runner = toy(
        **without_validation(),
        model=model,
        load_from=str(OLD),
        train_cfg={"by_epoch": True, "max_epochs": 0},
    )
    runner.train()
    assert torch.equal(model.l.weight, read_file(OLD)["state_dict"]["l.weight"])
    assert runner.iter == 0
