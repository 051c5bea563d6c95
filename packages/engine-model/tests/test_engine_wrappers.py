"""Wrappers of foreign engines around an engine that only calls the model."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_dist.wrapping import without_wrapper
from engine_model import BaseModel
from engine_model.engine_wrappers import ColossalAIModelWrapper, MMDeepSpeedEngineWrapper
from engine_optim import OptimWrapper
from engine_registry import MODEL_WRAPPERS


class Line(BaseModel):
    """Notes the types of what it is called with."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.seen: list[torch.dtype] = []

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        self.seen = [x.dtype, y.dtype]
        found = self.layer(x.to(self.layer.weight.dtype))
        return {"loss": (found - y).square().mean()} if mode == "loss" else list(found)


class Engine(nn.Module):
    """Calls its module, and counts."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.calls = module, 0

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.module(*args, **kwargs)


@pytest.fixture
def batch() -> dict[str, Tensor]:
    return {"x": torch.ones(3, 2), "y": torch.zeros(3, 1)}


def test_the_model_is_trained_through_the_engine_and_asked_without_it(
    batch: dict[str, Tensor],
) -> None:
    model = Line()
    engine = Engine(model)
    wrapped = MMDeepSpeedEngineWrapper(model=engine)
    before = model.layer.weight.clone()
    optim_wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    assert "loss" in wrapped.train_step(batch, optim_wrapper)
    assert engine.calls == 1 and not torch.equal(model.layer.weight, before)
    assert len(wrapped.val_step(batch)) == len(wrapped.test_step(batch)) == 3
    losses, predictions = wrapped.evaluate_step(batch)
    assert "loss" in losses and len(predictions) == 3
    assert engine.calls == 1
    assert wrapped.layer is model.layer and without_wrapper(wrapped) is model


@pytest.mark.parametrize(
    ("which", "seen"),
    [
        (None, [torch.bfloat16, torch.bfloat16]),
        (["y"], [torch.float32, torch.bfloat16]),
    ],
)
def test_arguments_are_cast_to_the_engines_half_precision(
    which: list[int | str] | None, seen: list[torch.dtype], batch: dict[str, Tensor]
) -> None:
    model = Line().to(torch.bfloat16)
    wrapped = MMDeepSpeedEngineWrapper(model=Engine(model), inputs_to_half=which)
    wrapped.val_step(batch)
    assert model.seen == seen
    assert {each.dtype for each in batch.values()} == {torch.float32}


def test_in_full_precision_nothing_is_cast(batch: dict[str, Tensor]) -> None:
    model = Line()
    batch["y"] = batch["y"].double()
    MMDeepSpeedEngineWrapper(model=Engine(model)).val_step(batch)
    assert model.seen == [torch.float32, torch.float64]


def test_colossalais_wrapper_knows_the_model_and_has_both_of_its_names() -> None:
    model = Line()
    wrapped = ColossalAIModelWrapper(Engine(model), model)
    assert wrapped.module is model
    for name in ("ColossalAIModelWrapper", "CollosalAIModelWrapper"):
        assert MODEL_WRAPPERS.get(name) is ColossalAIModelWrapper


def test_a_batch_that_is_no_container_is_refused() -> None:
    wrapped = MMDeepSpeedEngineWrapper(model=Engine(Line()))
    with pytest.raises(TypeError, match="a batch must be a dict, a list or a tuple, got int"):
        wrapped._run_forward(3, mode="loss")
