"""Two clocks: iterations, and optimizer steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from toy import QUIET, Line, Points, loader, without_validation

from engine_runner.checkpoint import read_file
from engine_runner.hooks import Hook
from engine_runner.optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict


class Steps(Hook):
    """Keeps, after each iteration, how many optimizer steps there were."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.stepped: list[bool] = []

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        self.seen.append(runner.state.optimizer_steps)
        self.stepped.append(runner.state.has_stepped)


class TwoParts(Line):
    """Its weight is trained in every iteration but each third, its bias in every second."""

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        self.number = getattr(self, "number", -1) + 1
        loss = self(*self.data_preprocessor(data), mode="loss")["loss"]
        if self.number % 3:
            optim_wrapper["weight"].update_params(loss)
        elif self.number % 2:
            optim_wrapper["bias"].update_params(loss)
        return {"loss": loss.detach()}


def train(toy: Any, *, num_iters: int = 7, **options: Any) -> tuple[Any, Steps]:
    steps = Steps()
    runner = toy(
        **without_validation(),
        **{
            "train_cfg": {"by_epoch": False, "max_iters": num_iters},
            "default_hooks": QUIET,
            "custom_hooks": [steps],
            "train_dataloader": loader(Points(8)),
            **options,
        },
    )
    runner.train()
    return runner, steps


def sgd(**options: Any) -> dict[str, Any]:
    return {"optimizer": {"type": "SGD", "lr": 0.1}, **options}


@pytest.mark.parametrize("kind", ["OptimWrapper", "AmpOptimWrapper"])
def test_a_step_is_counted_when_a_window_ends(toy: Any, kind: str) -> None:
    runner, steps = train(toy, optim_wrapper=sgd(type=kind, accumulative_counts=3))
    assert steps.seen == [0, 0, 1, 1, 1, 2, 3]
    assert steps.stepped == [False, False, True, False, False, True, True]
    assert runner.state.optimizer_steps == 3


def test_without_accumulation_both_clocks_go_alike(toy: Any) -> None:
    _, steps = train(toy, optim_wrapper=sgd())
    assert steps.seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_step_that_overflow_leaves_out_is_counted(toy: Any) -> None:
    model = Line()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapper = AmpOptimWrapper(optimizer=optimizer, dtype="float16", loss_scale=1e38)
    _, steps = train(toy, num_iters=2, model=model, optim_wrapper=wrapper)
    assert torch.equal(model.layer.weight.detach(), torch.full((1, 2), 0.5))  # nothing moved
    assert steps.seen == [1, 2]


def test_of_several_optimizers_any_moves_the_clock_by_one(toy: Any) -> None:
    model = TwoParts()
    parts = {"weight": model.layer.weight, "bias": model.layer.bias}
    wrapper = OptimWrapperDict(
        **{
            name: OptimWrapper(optimizer=torch.optim.SGD([part], lr=0.1))
            for name, part in parts.items()
        }
    )
    _, steps = train(toy, model=model, optim_wrapper=wrapper)
    assert steps.seen == [0, 1, 2, 3, 4, 5, 5]


class Plain:
    """An optimizer in a wrapper of somebody else's."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer

    def update_params(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def optim_context(self, model: Any) -> Any:
        return torch.enable_grad()

    def initialize_count_status(self, *args: Any) -> None: ...


def test_a_wrapper_that_counts_nothing_steps_in_each_iteration(toy: Any) -> None:
    model = Line()
    wrapper = Plain(torch.optim.SGD(model.parameters(), lr=0.1))
    _, steps = train(toy, num_iters=3, model=model, optim_wrapper=wrapper)
    assert steps.seen == [1, 2, 3]


def test_a_checkpoint_holds_both_and_an_older_one_is_reckoned(toy: Any, tmp_path: Path) -> None:
    options = {
        "optim_wrapper": sgd(accumulative_counts=2),
        "default_hooks": {**QUIET, "checkpoint": {"by_epoch": False, "interval": 5}},
    }
    train(toy, num_iters=9, work_dir=tmp_path / "whole", **options)
    file = tmp_path / "whole" / "iter_5.pth"
    saved = read_file(str(file))
    assert saved["train_state"] == {
        "epoch": 0,
        "iteration": 5,
        "batch_in_epoch": 5,
        "optimizer_steps": 2,
    }
    resume = {"load_from": str(file), "resume": True, **options}
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]
    del saved["train_state"]["optimizer_steps"]
    torch.save(saved, file)
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]
    del saved["train_state"]
    torch.save(saved, file)
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]
