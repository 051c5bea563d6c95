"""Of a saved optimizer only what is certainly damaged is refused; the rest is as torch does it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine_config import ConfigDict
from engine_optim import OptimWrapper
from engine_runner.runner.optimizer_settings import check_settings


class Own(torch.optim.SGD):
    """Keeps more in its groups than torch's does, and one argument that changes its type."""

    def __init__(self, params: Any, **more: Any) -> None:
        super().__init__(params, lr=0.1)
        self.defaults["warm"] = False
        for group in self.param_groups:
            group.update({"warm": False, **more})


def states(name: str, saved: Any, here: Any) -> tuple[Any, Any]:
    """What one optimizer has saved, and another one."""
    made = [Own([torch.nn.Parameter(torch.ones(1))], **{name: each}) for each in (saved, here)]
    return made[0].state_dict(), made[1]


@pytest.mark.parametrize(
    ("saved", "here"),
    [
        ([1.0, 1.0], []),
        (torch.ones(3), None),
        ([1, 2], None),
        ("on", None),
        ({"a": 1}, None),
        (torch.ones(3), 0.0),
        (None, 0.0),
        (None, "x"),
        (1j, 1.0),
        ({"a": 1}, ConfigDict(a=1)),
        ([torch.tensor(0.9)], [0.9]),
        ("text", 3),
    ],
)
def test_what_an_optimizer_keeps_beside_its_arguments_may_change_its_type(
    saved: Any, here: Any
) -> None:
    state, optimizer = states("more", saved, here)
    check_settings(OptimWrapper(optimizer), state)
    optimizer.load_state_dict(state)
    assert type(optimizer.param_groups[0]["more"]) is type(saved)


def test_an_argument_of_an_optimizer_that_is_not_torchs_may_change_its_type() -> None:
    state, optimizer = states("warm", "warm", False)
    check_settings(OptimWrapper(optimizer), state)


@pytest.mark.parametrize("value", ["text", [], {}, b"x", [0.1]])
@pytest.mark.parametrize("kind", [Own, torch.optim.SGD, torch.optim.Adam])
@pytest.mark.parametrize("key", ["lr", "weight_decay"])
def test_a_number_that_is_text_or_a_container_is_refused(kind: Any, key: str, value: Any) -> None:
    optimizer = kind([torch.nn.Parameter(torch.ones(1))])
    state = optimizer.state_dict()
    state["param_groups"][0][key] = value
    with pytest.raises(ValueError, match=rf"param_groups\[0\]\['{key}'\] is "):
        check_settings(OptimWrapper(optimizer), state)


OPTIMIZERS = [name for name in torch.optim.__all__ if name[0].isupper() and name != "Optimizer"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_torchs_own_states_fit_those_of_other_arguments(name: str) -> None:
    kind = getattr(torch.optim, name)
    weight = torch.nn.Parameter(torch.ones(2, 2))
    one, other = (SimpleNamespace(optimizer=kind([weight], lr=lr)) for lr in (0.1, 0.2))
    for flag in ("maximize", "foreach", "differentiable"):
        if flag in other.optimizer.defaults:
            other.optimizer.param_groups[0][flag] = True
    check_settings(OptimWrapper(one.optimizer), other.optimizer.state_dict())
