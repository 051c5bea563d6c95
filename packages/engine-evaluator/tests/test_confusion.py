"""Confusion matrices and what follows from them, against counts by hand and scikit-learn's rule."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine_evaluator import ConfusionMatrix, MeanIoU
from engine_registry import METRICS

TRUE = torch.tensor([0, 0, 1, 1, 1, 2, 255])
FOUND = torch.tensor([0, 1, 1, 1, 0, 2, 2])


def pairs(pred: Any, target: Any) -> list[Any]:
    return [*zip(pred, target, strict=True)]


def test_a_row_is_a_true_class_and_a_column_a_predicted_one() -> None:
    metric = METRICS.build({"type": "ConfusionMatrix", "num_classes": 3, "ignore_index": 255})
    assert isinstance(metric, ConfusionMatrix)
    metric.process(None, pairs(FOUND[:3], TRUE[:3]))
    metric.process(None, pairs(FOUND[3:], TRUE[3:]))
    matrix = metric.evaluate(7)["confusion_matrix/result"]
    assert matrix.tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 1]]


@pytest.mark.parametrize("size", [(), (2, 2)])
def test_scores_count_by_their_greatest(size: tuple[int, ...]) -> None:
    classes = torch.randint(0, 3, (5, *size), generator=torch.Generator().manual_seed(1))
    scores = torch.nn.functional.one_hot(classes, 3).movedim(-1, 1).float()  # (N, C, ...)
    metric = ConfusionMatrix(3)
    metric.process((None, classes), list(scores))
    matrix = metric.evaluate(5)["confusion_matrix/result"]
    assert matrix.sum() == matrix.diag().sum() == classes.numel()


def test_means_are_over_the_classes_that_occur() -> None:
    metric = MeanIoU(4, per_class=True)
    metric.dataset_meta = {"classes": ("a", "b", "c", "d")}
    metric.process(None, pairs(FOUND, TRUE))
    found = metric.evaluate(7)
    assert found.pop("IoU/d") != found.get("IoU/d")  # NaN: there is none
    assert found == pytest.approx(
        {
            "mIoU": (1 / 3 + 2 / 4 + 1) / 3,
            "mAcc": (1 / 2 + 2 / 3 + 1) / 3,
            "mDice": (2 / 4 + 4 / 6 + 1) / 3,
            "aAcc": 4 / 6,
            "IoU/a": 1 / 3,
            "IoU/b": 1 / 2,
            "IoU/c": 1.0,
        }
    )


@pytest.mark.parametrize(
    ("pred", "target", "message"),
    [
        (torch.tensor([0, 5]), torch.tensor([0, 1]), "1 targets or predictions are none of the"),
        (torch.tensor([0, 1]), torch.tensor([0, 255]), "ignore_index=None"),
    ],
)
def test_what_is_no_class_is_refused_at_the_end(pred: Any, target: Any, message: str) -> None:
    metric = ConfusionMatrix(3)
    metric.process(None, pairs(pred, target))
    with pytest.raises(ValueError, match=message):
        metric.evaluate(2)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(N, 3, \.\.\.\), got \(2, 4\)"):
        ConfusionMatrix(3).process((None, torch.zeros(2)), list(torch.zeros(2, 4)))
    with pytest.raises(ValueError, match=r"2 predictions, shape \(2,\), for 3 targets"):
        ConfusionMatrix(3).process((None, torch.zeros(3).long()), list(torch.zeros(2).long()))
    with pytest.raises(ValueError, match="num_classes must be a positive int, got 0"):
        MeanIoU(0)
