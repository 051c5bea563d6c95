"""Trainings whose optimizer's state is spread over processes, or not."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from engine_dist import broadcast_object_list
from engine_optim import OptimWrapper, build_optim_wrapper

INPUTS = torch.linspace(-1, 1, 12).view(4, 3)
PLAIN = {"type": "Adam", "lr": 0.1}
SHARDED = {"type": "ZeroRedundancyOptimizer", "optimizer_type": "Adam", "lr": 0.1}


def made(optimizer: dict[str, Any]) -> tuple[nn.Module, OptimWrapper]:
    """A model and its optimizer; biases have settings of their own."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    config = {"optimizer": optimizer, "paramwise_cfg": {"bias_lr_mult": 2.0}}
    return model, build_optim_wrapper(model, config)


def train(model: nn.Module, wrapper: OptimWrapper, steps: int) -> None:
    """Train on the same batch everywhere, so that gradients are equal without being averaged."""
    for _ in range(steps):
        wrapper.update_params(model(INPUTS).square().mean())


def weights(model: nn.Module) -> list[float]:
    """All parameters as numbers."""
    return torch.cat([value.detach().flatten() for value in model.parameters()]).tolist()


def sharded() -> dict[str, Any]:
    """Train 5 steps; and 2, and in a new optimizer with the state of the main process 3 more."""
    model, wrapper = made(SHARDED)
    train(model, wrapper, 2)
    own = sum(len(state) > 0 for state in wrapper.optimizer.optim.state.values())
    state = copy.deepcopy(wrapper.state_dict())
    whole = [state]
    broadcast_object_list(whole)
    resumed, other = made(SHARDED)
    resumed.load_state_dict(model.state_dict())
    other.load_state_dict(whole[0])
    train(model, wrapper, 3)
    train(resumed, other, 3)
    return {
        "moments kept": own,
        "has a state": "state" in state,
        "unbroken": weights(model),
        "resumed": weights(resumed),
    }
