"""The state of an optimizer follows its parameters, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import OptimWrapper, OptimWrapperDict
from engine_runner.strategy.optimizer_names import in_own_order, with_names


def stepped(model: nn.Module, *groups: list[str]) -> OptimWrapper:
    """An optimizer whose groups have these parameters, and which has made a step."""
    own = dict(model.named_parameters())
    settings = [
        {"params": [own[name] for name in names], "lr": 0.1 * (place + 1)}
        for place, names in enumerate(groups)
    ]
    wrapper = OptimWrapper(torch.optim.Adam(settings))
    for number, each in enumerate(own.values()):
        each.grad = torch.full_like(each, number + 1.0)
    wrapper.step()
    return wrapper


def averages(wrapper: OptimWrapper, model: nn.Module) -> dict[str, float]:
    state = wrapper.optimizer.state
    return {name: float(state[each]["exp_avg"].mean()) for name, each in model.named_parameters()}


def test_a_state_fits_other_groups_in_another_order() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))
    saved = stepped(model, ["0.weight", "1.weight"], ["0.bias", "1.bias"])
    state = with_names(saved.state_dict(), saved, model)
    assert state["param_groups"][1]["param_names"] == ["0.bias", "1.bias"]
    expected = averages(saved, model)
    other = stepped(model, ["1.bias", "0.bias"], ["1.weight"], ["0.weight"])
    for each in other.optimizer.state.values():
        each["exp_avg"].zero_()
    other.load_state_dict(in_own_order(state, other, model))
    assert averages(other, model) == expected
    assert [group["lr"] for group in other.optimizer.param_groups] == [0.2, 0.1, 0.1]
    assert "param_names" not in other.param_groups[0]


def test_a_state_without_names_is_taken_by_its_numbers() -> None:
    model = nn.Linear(2, 3)
    wrapper = stepped(model, ["weight", "bias"])
    state = wrapper.state_dict()
    assert in_own_order(state, wrapper, model) == state


def test_a_state_of_other_parameters_is_refused_by_name() -> None:
    model = nn.Linear(2, 3)
    wrapper = stepped(model, ["weight", "bias"])
    state = with_names(wrapper.state_dict(), wrapper, model)
    other = nn.Linear(2, 3, bias=False)
    with pytest.raises(ValueError, match="bias"):
        in_own_order(state, stepped(other, ["weight"]), other)


def test_several_optimizers_have_their_own_names() -> None:
    model = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2)})
    wrappers: Any = OptimWrapperDict(
        a=stepped(model, ["a.weight", "a.bias"]), b=stepped(model, ["b.weight", "b.bias"])
    )
    state = with_names(wrappers.state_dict(), wrappers, model)
    assert state["b"]["param_groups"][0]["param_names"] == ["b.weight", "b.bias"]
    wrappers.load_state_dict(in_own_order(state, wrappers, model))
