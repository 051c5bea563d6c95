"""A training goes on from its optimizer's and schedulers' states, MMEngine's among them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import build_optim_wrapper
from engine_registry import PARAM_SCHEDULERS

# Of mmengine 0.10.7: states after 4 of 9 steps of `Training`, and the weights at the end. Its
# optimizers have a parameter group for each parameter.
RECORDED = torch.load(Path(__file__).parent / "mmengine_states.pth", weights_only=True)
SCHEDULERS: list[dict[str, Any]] = [
    {"type": "LinearLR", "start_factor": 0.1, "end": 3},
    {"type": "CosineAnnealingLR", "T_max": 9, "begin": 1},
    {"type": "MultiStepLR", "milestones": [6, 8]},
]
INPUTS = torch.arange(12.0).view(4, 3) / 10


class Training:
    """What was recorded."""

    def __init__(self, optimizer: dict[str, Any], options: dict[str, Any]) -> None:
        torch.manual_seed(3)
        self.model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2))
        config = {"optimizer": optimizer, "paramwise_cfg": options}
        self.wrapper = build_optim_wrapper(self.model, config)
        self.schedulers = [
            PARAM_SCHEDULERS.build(dict(config), default_args={"optimizer": self.wrapper})
            for config in SCHEDULERS
        ]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.wrapper.update_params(self.model(INPUTS).square().mean())
            for scheduler in self.schedulers:
                scheduler.step()

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.wrapper.state_dict(),
            "param_schedulers": [scheduler.state_dict() for scheduler in self.schedulers],
        }

    def load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.wrapper.load_state_dict(state["optimizer"])
        for scheduler, saved in zip(self.schedulers, state["param_schedulers"], strict=True):
            scheduler.load_state_dict(saved)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each["cfg"]["type"])
def test_mmengines_states_lead_to_mmengines_weights(recorded: dict[str, Any]) -> None:
    training = Training(recorded["cfg"], recorded["paramwise_cfg"])
    assert len(recorded["saved"]["optimizer"]["param_groups"]) == 6
    assert len(training.wrapper.optimizer.param_groups) < 6
    training.load(recorded["saved"])
    training.run(5)
    for name, weight in training.model.state_dict().items():
        torch.testing.assert_close(weight, recorded["after"][name], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each["cfg"]["type"])
def test_a_resumed_training_ends_where_an_unbroken_one_does(recorded: dict[str, Any]) -> None:
    unbroken = Training(recorded["cfg"], recorded["paramwise_cfg"])
    unbroken.run(4)
    file = io.BytesIO()
    torch.save(unbroken.state(), file)
    file.seek(0)
    unbroken.run(5)
    resumed = Training(recorded["cfg"], recorded["paramwise_cfg"])
    resumed.load(torch.load(file, weights_only=True))
    resumed.run(5)
    for name, weight in resumed.model.state_dict().items():
        assert torch.equal(weight, unbroken.model.state_dict()[name])
    assert resumed.wrapper.get_lr() == unbroken.wrapper.get_lr()


def test_schedulers_states_are_plain_data() -> None:
    def plain(value: Any) -> bool:
        if type(value) in (list, tuple):
            return all(map(plain, value))
        if type(value) is dict:
            return all(map(plain, [*value, *value.values()]))
        return value is None or type(value) in (bool, int, float, str)

    kinds: list[dict[str, Any]] = [
        *SCHEDULERS,
        {"type": "OneCycleLR", "eta_max": 0.1, "total_steps": 9},
        {"type": "CosineRestartLR", "periods": [2, 3], "restart_weights": (1, 0.5)},
        {"type": "ReduceOnPlateauLR", "monitor": "loss"},
    ]
    for config in kinds:
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
        scheduler = PARAM_SCHEDULERS.build(config, default_args={"optimizer": optimizer})
        assert plain(scheduler.state_dict()), config


def test_a_schedulers_state_does_not_grow() -> None:
    training = Training({"type": "SGD", "lr": 0.1}, {"bias_lr_mult": 2.0})

    def size() -> int:
        file = io.BytesIO()
        torch.save([each.state_dict() for each in training.schedulers], file)
        return file.tell()

    before = size()
    for _ in range(1000):
        for scheduler in training.schedulers:
            scheduler.step()
    assert abs(size() - before) < 256  # numbers have as many bytes as they have digits
