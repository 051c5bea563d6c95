"""A fresh training draws in the order of MMEngine: a seed gives the same weights and losses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_model import BaseModel
from engine_runner.hooks import Hook


class Net(BaseModel):
    """Weights, dropout: what draws."""

    def __init__(self) -> None:
        super().__init__(init_cfg={"type": "Normal", "layer": "Linear", "std": 0.1})
        self.linear, self.dropout = nn.Linear(2, 1), nn.Dropout(0.5)

    def forward(self, x: Tensor, y: Any = None, mode: str = "tensor") -> Any:
        outputs = self.dropout(self.linear(x))
        return {"loss": outputs.sum()} if mode == "loss" else outputs


class Seen(Hook):
    """Notes the weights at the beginning and a number that is drawn after each iteration."""

    def __init__(self) -> None:
        self.weights: list[float] = []
        self.drawn: list[float] = []

    def before_train(self, runner: Any) -> None:
        self.weights = runner.model.linear.weight.flatten().tolist()

    def after_train_iter(self, runner: Any, *args: Any, **kwargs: Any) -> None:
        state = torch.get_rng_state()
        self.drawn.append(torch.rand(1).item())
        torch.set_rng_state(state)


def by_hand(*, by_epoch: bool, persistent: bool, validates: bool) -> Seen:
    """What MMEngine 0.10.7 was seen to draw, of torch's generator, for four iterations of two."""
    seen = Seen()
    torch.manual_seed(3)
    net = Net()
    if not by_epoch:
        torch.empty((), dtype=torch.int64).random_()  # the loader opens with the loop
    net.init_weights()
    seen.weights = net.linear.weight.flatten().tolist()
    for iteration in range(4):
        is_first_of_pass = iteration % 2 == 0
        if is_first_of_pass and (iteration == 0 or not persistent) and (by_epoch or iteration):
            torch.empty((), dtype=torch.int64).random_()
        net.dropout(torch.ones(2, 1))
        seen.drawn.append(torch.rand(1, generator=_copied()).item())
        if validates and iteration == 1:
            torch.empty((), dtype=torch.int64).random_()
    return seen


def _copied() -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(torch.get_rng_state())
    return generator


@pytest.mark.parametrize("validates", [False, True])
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("by_epoch", [True, False])
def test_a_seed_gives_the_weights_and_the_draws(
    toy: Any, by_epoch: bool, workers: int, validates: bool
) -> None:
    seen = Seen()
    loader = {
        "dataset": [(torch.ones(2), 0)] * 4,
        "batch_size": 2,
        "num_workers": workers,
        "persistent_workers": workers > 0,
        "sampler": {"type": "DefaultSampler", "shuffle": True},
        "collate_fn": {"type": "default_collate"},
    }
    length = {"max_epochs": 2, "val_begin": 1} if by_epoch else {"max_iters": 4, "val_interval": 2}
    evaluation: dict[str, Any] = {"val_cfg": None, "val_dataloader": None, "val_evaluator": None}
    runner = toy(
        model={"type": Net},
        train_dataloader=loader,
        train_cfg={"by_epoch": by_epoch, **length},
        randomness={"seed": 3},
        custom_hooks=[seen],
        **({} if validates else evaluation),
    )
    runner.train()
    expected = by_hand(by_epoch=by_epoch, persistent=workers > 0, validates=validates)
    assert seen.weights == expected.weights
    assert seen.drawn == expected.drawn
