"""Metrics with torchmetrics' three methods; torchmetrics' own are tested end to end."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from states import Extremes, Summed, wrapped

from engine_evaluator import Evaluator, TorchMetric, is_torch_metric

PRED = torch.tensor([1.0, 2.0, 3.0])
TARGET = torch.tensor([1.0, 10.0, 100.0])


def test_an_evaluator_takes_one_as_it_is() -> None:
    evaluator = Evaluator([Summed(), {"type": Summed}, TorchMetric({"type": Summed}, prefix="own")])
    evaluator.metrics[1].prefix = "second"
    for _ in range(2):
        evaluator.begin_evaluation(2)
        evaluator.process(list(PRED), (None, TARGET))  # the third was added by a sampler
        assert evaluator.evaluate(2) == {"Summed": 21.0, "second/Summed": 21.0, "own/Summed": 21.0}


def test_predictions_and_targets_may_be_named() -> None:
    metric = TorchMetric(Summed(), pred="p", target=lambda batch, _: batch["deep"]["t"], name="sum")
    metric.process({"deep": {"t": TARGET}}, [{"p": each} for each in PRED])
    assert metric.evaluate(3) == {"sum": 321.0}


def test_several_numbers_keep_their_names() -> None:
    class Two(Summed):
        def compute(self) -> Any:
            return {"one": torch.tensor(1.0), "many": torch.ones(2)}

    metric = TorchMetric(Two(), prefix="x")
    metric.process((None, TARGET), list(PRED))
    found = metric.evaluate(3)
    assert found["x/one"] == 1.0
    assert found["x/many"].tolist() == [1.0, 1.0]


def test_only_what_has_the_three_methods_is_one() -> None:
    assert is_torch_metric(Summed())
    assert not is_torch_metric(wrapped())
    assert not is_torch_metric(Extremes())
    with pytest.raises(TypeError, match="must have update, compute and reset"):
        TorchMetric(3)
