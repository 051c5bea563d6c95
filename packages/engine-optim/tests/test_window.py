"""Stopped in the middle of a window of accumulation, an optimizer goes on in it, to the bit."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict

INPUTS = [torch.randn(4, 2, generator=torch.Generator().manual_seed(i)) for i in range(11)]
Make = Callable[[nn.Module], Any]


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))


def plain(model: nn.Module, **options: Any) -> OptimWrapper:
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return OptimWrapper(sgd, **{"accumulative_counts": 3, **options})


def scaled(model: nn.Module) -> AmpOptimWrapper:
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    growing = {"init_scale": 8.0, "growth_interval": 2}  # the scale changes on the way
    return AmpOptimWrapper(
        loss_scale=growing, dtype="float16", optimizer=sgd, accumulative_counts=3
    )


def several(model: nn.Module) -> OptimWrapperDict:
    first, last = (
        OptimWrapper(torch.optim.Adam(part.parameters(), lr=0.1), accumulative_counts=counts)
        for part, counts in zip(model, (3, 2), strict=True)  # type: ignore[arg-type]  # layers
    )
    return OptimWrapperDict(first=first, last=last)


def step(model: nn.Module, wrapper: Any, x: torch.Tensor) -> None:
    """One iteration, by one or by several optimizers."""
    if isinstance(wrapper, OptimWrapperDict):
        for each in wrapper.values():
            each.update_params((model(x) ** 2).mean())
    else:
        with wrapper.optim_context(model):
            loss = (model(x) ** 2).mean()
        wrapper.update_params(loss)


def saved(state: Any) -> Any:
    """What a file gives back of it."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("make", [plain, scaled, several])
@pytest.mark.parametrize("stop", [3, 4, 5, 10])
def test_it_goes_on_where_it_stood(make: Make, stop: int) -> None:
    whole = model()
    wrapper = make(whole)
    wrapper.initialize_count_status(whole, 0, len(INPUTS))
    for number, x in enumerate(INPUTS):
        if number == stop:
            state = saved([whole.state_dict(), wrapper.state_dict(), wrapper.window_state()])
        step(whole, wrapper, x)

    rest = model()
    other = make(rest)
    rest.load_state_dict(state[0])
    other.load_state_dict(state[1])
    other.load_window_state(state[2])
    other.initialize_count_status(rest, stop, len(INPUTS))
    for x in INPUTS[stop:]:
        step(rest, other, x)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, rest.state_dict()[name])


def test_without_accumulation_there_is_no_window() -> None:
    wrapper = plain(model(), accumulative_counts=1)
    assert wrapper.window_state() == {}
    assert OptimWrapperDict(one=wrapper).window_state() == {}


def test_losses_that_are_not_one_an_iteration_are_counted_on() -> None:
    layers = model()
    wrapper = plain(layers)
    for x in INPUTS[:5]:
        step(layers, wrapper, x)
    other = plain(layers)
    other.load_window_state(wrapper.window_state())
    other.initialize_count_status(layers, 2, 100)  # two iterations with five losses
    assert other.inner_count == 5
    other.initialize_count_status(layers, 7, 100)
    assert other.inner_count == 7


def test_a_window_of_another_length_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    layers = model()
    wrapper = plain(layers)
    step(layers, wrapper, INPUTS[0])
    state = wrapper.window_state()
    layers.zero_grad()
    other = plain(layers, accumulative_counts=4)
    other.load_window_state(copy.deepcopy(state))
    other.initialize_count_status(layers, 1, 100)
    assert all(each.grad is None for each in layers.parameters())
    assert "gradients of its first part are lost" in caplog.text
