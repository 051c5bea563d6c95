"""`TopKAccuracy`."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine_evaluator import TopKAccuracy
from engine_registry import METRICS

SCORES = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.4, 0.5, 0.1]])
CLASSES = torch.tensor([2, 1, 2])


def test_a_class_counts_when_it_is_among_the_best() -> None:
    metric = METRICS.build({"type": "TopKAccuracy", "topk": (1, 2, 3)})
    metric.process((SCORES, CLASSES), list(SCORES))
    found = metric.evaluate(3)
    assert found == pytest.approx(
        {"accuracy/top1": 1 / 3, "accuracy/top2": 2 / 3, "accuracy/top3": 1.0}
    )


def test_classes_are_enough_for_the_first_place() -> None:
    metric = TopKAccuracy(pred="prediction", target="label", prefix="own")
    metric.process(None, [{"prediction": 1, "label": 1}, {"prediction": 0, "label": 1}])
    assert metric.evaluate(2) == {"own/top1": 0.5}


@pytest.mark.parametrize(
    ("topk", "pred", "message"),
    [
        (
            5,
            SCORES,
            r"topk=\(5,\) needs scores \(N, C\) with at least 5 classes, got torch.float32",
        ),
        (2, CLASSES, r"of the shape \(3,\)"),
        (1, [{"prediction": 1}] * 2, "2 predictions for 3 targets"),
    ],
)
def test_predictions_that_do_not_suit_are_refused(topk: int, pred: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TopKAccuracy(topk).process((None, CLASSES), list(pred))


@pytest.mark.parametrize("topk", [0, (), (1, -1)])
def test_places_are_positive(topk: Any) -> None:
    with pytest.raises(ValueError, match="topk must be positive"):
        TopKAccuracy(topk)
