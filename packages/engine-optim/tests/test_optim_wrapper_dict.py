"""Several optimizers are told apart by name."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import OptimWrapper, OptimWrapperDict


def wrapper(lr: float) -> OptimWrapper:
    return OptimWrapper(torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=lr, momentum=0.9))


@pytest.fixture
def both() -> OptimWrapperDict:
    return OptimWrapperDict(generator=wrapper(0.1), critic=wrapper(0.2))


def test_each_is_updated_by_itself(both: OptimWrapperDict) -> None:
    critic = both["critic"]
    (weight,) = critic.optimizer.param_groups[0]["params"]
    critic.update_params(weight.sum())
    assert weight.item() == pytest.approx(0.8)
    assert both["generator"].inner_count == 0


def test_it_is_read_like_a_dict(both: OptimWrapperDict) -> None:
    assert [*both.keys()] == ["generator", "critic"]
    assert dict(both.items())["critic"] is both["critic"]
    assert [*both.values()] == [both["generator"], both["critic"]]
    assert len(both) == 2
    assert "critic" in both
    assert "discriminator" not in both
    assert repr(both).count("Type: OptimWrapper") == 2


def test_rates_momenta_and_groups_bear_their_names(both: OptimWrapperDict) -> None:
    assert both.get_lr() == {"generator.lr": [0.1], "critic.lr": [0.2]}
    assert both.get_momentum() == {"generator.momentum": [0.9], "critic.momentum": [0.9]}
    assert both.param_groups["critic"] == both["critic"].param_groups
    assert both.defaults["critic"]["lr"] == 0.2


def test_states_go_to_the_wrappers_of_their_names(both: OptimWrapperDict) -> None:
    other = OptimWrapperDict(generator=wrapper(1.0), critic=wrapper(2.0))
    other.load_state_dict(both.state_dict())
    assert other.get_lr() == both.get_lr()
    with pytest.raises(KeyError, match="no optimizer 'actor'; there are generator, critic"):
        other.load_state_dict({"actor": {}})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("update_params", [torch.ones(())]),
        ("backward", [torch.ones(())]),
        ("step", []),
        ("optim_context", [None]),
    ],
)
def test_what_needs_one_optimizer_asks_which(
    both: OptimWrapperDict, name: str, arguments: list[Any]
) -> None:
    with pytest.raises(NotImplementedError, match=rf"can't {name}: .*\(generator, critic\)"):
        getattr(both, name)(*arguments)


def test_what_it_lacks_is_named(both: OptimWrapperDict) -> None:
    for name in ("optimizer", "inner_count"):
        with pytest.raises(AttributeError, match=rf"no '_?{name}'.*\(generator, critic\)"):
            getattr(both, name)


def test_only_wrappers_are_taken() -> None:
    with pytest.raises(TypeError, match="the optimizer critic must be an OptimWrapper, got SGD"):
        OptimWrapperDict(critic=wrapper(0.1).optimizer)


def test_gradients_of_all_are_forgotten_together(both: OptimWrapperDict) -> None:
    weights = [each.optimizer.param_groups[0]["params"][0] for each in both.values()]
    sum(weights).backward()
    both.zero_grad()
    assert [weight.grad for weight in weights] == [None, None]
