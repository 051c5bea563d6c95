"""The first layer whose numbers aren't finite is named, and the weights stay as they were."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from toy import Line, Points, loader, without_validation

from engine_optim import OptimWrapper, OptimWrapperDict
from engine_runner.logs.errors import NonFiniteLossError

CFG = {"by_epoch": True, "max_epochs": 1, "detect_anomaly": True}


class Bad(nn.Module):
    """Gives ``value`` in its fourth pass of a training, and every later one."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value, self.weight = value, nn.Parameter(torch.ones(1))
        self.noise: list[float] = []

    def forward(self, x: Tensor) -> Tensor:
        self.noise.append(torch.rand(()).item())
        return x * self.weight if len(self.noise) < 4 else x * self.value


class WithBad(Line):
    """A line after a layer that is `Bad`."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"first": nn.Identity(), "bad": Bad(value)})

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        return super().forward(self.parts["bad"](self.parts["first"](x)), y, mode=mode)


def fail(toy: Any, model: Any, **options: Any) -> tuple[Any, str]:
    runner = toy(
        **without_validation(),
        **{"model": model, "train_cfg": CFG, "train_dataloader": loader(Points(12)), **options},
    )
    with pytest.raises(NonFiniteLossError) as caught:
        runner.train()
    return runner, str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_the_layer_and_what_went_in_are_told(toy: Any, value: float) -> None:
    runner, said = fail(toy, WithBad(value))
    assert "in iteration 4: the layer parts.bad (Bad) is the first" in said
    assert "its input 2x2 in [0.5, 1], its weight 1 in [0.99" in said
    assert ("NaN and 0 infinite" in said) == (value != value)
    assert (runner.iter, runner.state.optimizer_steps) == (3, 3)
    assert all(torch.isfinite(each).all() for each in runner.model.parameters())


def test_the_step_is_made_again_with_the_random_numbers_it_had(toy: Any) -> None:
    model = WithBad(float("nan"))
    fail(toy, model)
    noise = model.parts["bad"].noise  # type: ignore[union-attr]
    assert len(noise) == 5
    assert noise[3] == noise[4]


def test_nothing_is_left_of_it_after_a_failure(toy: Any) -> None:
    runner, _ = fail(toy, WithBad(float("nan")))
    assert not {"backward", "step"} & vars(runner.optim_wrapper).keys()
    assert not any(module._forward_hooks for module in runner.model.modules())


def test_several_optimizers_are_watched(toy: Any) -> None:
    class Two(WithBad):
        def train_step(self, data: Any, optim_wrapper: Any) -> Any:
            loss = self(*self.data_preprocessor(data), mode="loss")["loss"]
            optim_wrapper["a"].update_params(loss)
            return {"loss": loss.detach()}

    model = Two(float("inf"))
    wrapper = OptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    _, said = fail(toy, model, optim_wrapper=OptimWrapperDict(a=wrapper))
    assert "the layer parts.bad (Bad) is the first" in said


def test_a_gradient_that_is_infinite_is_told_with_the_place(toy: Any) -> None:
    class Steep(Line):
        def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
            found = super().forward(x, y, mode=mode)
            zero = (self.layer(x) * 0).sum()
            return {**found, "loss_steep": zero.abs().pow(0.5)}  # its slope there is infinite

    _, said = fail(toy, Steep())
    assert "the loss is finite, but a gradient is not in iteration 1" in said
    assert "the gradient at the output of layer (Linear) is the first that is not finite" in said


def test_a_loss_scaler_looks_after_its_own_gradients(toy: Any) -> None:
    runner = toy(
        **without_validation(),
        train_cfg=CFG,
        optim_wrapper={
            "type": "AmpOptimWrapper",
            "dtype": "float16",
            "loss_scale": 1e38,
            "optimizer": {"type": "SGD", "lr": 0.1},
        },
    )
    runner.train()
    assert runner.iter == 12
