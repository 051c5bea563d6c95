"""Compiled models: the same numbers, the same names of weights, and what is said of the breaks."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_model import BaseModel, compile_model
from engine_optim import OptimWrapper

# What dynamo itself is warned of, while it looks at everything that a tensor has.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor:UserWarning", "ignore::DeprecationWarning"
)

BATCH = (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([0, 1]))


class Net(BaseModel):
    def __init__(self, breaks: bool = False) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        self.head = nn.Linear(3, 2)
        self.breaks = breaks

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        found = self.stem(x)
        if self.breaks:
            torch._dynamo.graph_break()
        found = self.head(found)
        if mode == "loss":
            return {"loss": nn.functional.cross_entropy(found, y)}
        return list(found)


@pytest.fixture(autouse=True)
def _compiled_anew() -> None:
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()


def trained(model: BaseModel) -> list[float]:
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    return [float(model.train().train_step(BATCH, wrapper)["loss"]) for _ in range(3)]


@pytest.mark.parametrize(
    "settings",
    [
        {"backend": "aot_eager"},
        {"backend": "aot_eager", "modules": ["stem", "head"]},
        {"backend": "aot_eager", "target": "train_step"},
    ],
)
def test_a_compiled_model_trains_as_before(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    plain = Net()
    compiled: Any = compile_model(copy.deepcopy(plain), settings)
    with caplog.at_level(logging.INFO):
        assert trained(compiled) == pytest.approx(trained(plain), rel=1e-6)
        assert "compiled" in caplog.text
    assert set(compiled.state_dict()) == set(plain.state_dict())
    predicted = compiled.eval().val_step(BATCH)
    assert torch.allclose(torch.stack(predicted), torch.stack(plain.eval().val_step(BATCH)))


def test_each_part_tells_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    model: Any = compile_model(Net(), {"backend": "eager", "modules": "stem"})
    with caplog.at_level(logging.INFO):
        trained(model)
    (message,) = caplog.messages
    assert message.startswith("compiled stem: 1 graph in")
    assert message.endswith("no graph breaks")


def test_a_break_is_told_with_its_place_and_reason(caplog: pytest.LogCaptureFixture) -> None:
    model: Any = compile_model(Net(breaks=True), {"backend": "eager"})
    with caplog.at_level(logging.INFO):
        trained(model)
    assert "compiled Net: 2 graphs in" in caplog.messages[0]
    counts_places = tuple(map(int, torch.__version__.split(".")[:2])) > (2, 9)
    assert f"broken at {'forward:' if counts_places else 'an unknown place'}" in caplog.messages[0]
    assert "graph_break" in caplog.messages[0]


def test_compiling_again_is_told_and_nothing_else_is(caplog: pytest.LogCaptureFixture) -> None:
    model: Any = compile_model(Net(), {"backend": "eager", "dynamic": False})
    with caplog.at_level(logging.INFO):
        trained(model)
        assert len(caplog.messages) == 1
        model.train_step(
            tuple(each[:1] for each in BATCH),
            OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1)),
        )
    assert caplog.messages[1].startswith("compiled Net again: 1 graph")


def test_a_copy_has_weights_of_its_own() -> None:
    model: Any = compile_model(Net(), {"backend": "eager"})
    trained(model)
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.head.weight.zero_()
        other.head.bias.zero_()
    assert all(not row.any() for row in other.eval().val_step(BATCH))


@pytest.mark.parametrize("settings", [False, {"disable": True}])
def test_nothing_happens_when_it_is_off(settings: Any) -> None:
    assert compile_model(Net(), settings)._compiled_call_impl is None


def test_patterns_name_many_parts() -> None:
    model = compile_model(Net(), {"modules": ["stem.*"], "backend": "eager"})
    assert all(part._compiled_call_impl is not None for part in model.get_submodule("stem"))
    assert model._compiled_call_impl is None


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"modules": ["heda"]}, ValueError, "'heda'; close names: head"),
        ({"modules": ["head"], "target": "forward"}, ValueError, "either modules or target"),
        ({"target": "trian_step"}, AttributeError, "no method 'trian_step'"),
    ],
)
def test_a_wrong_setting_is_refused(
    settings: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        compile_model(Net(), settings)
