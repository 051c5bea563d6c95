"""Predictions and targets, taken out of what a model and a loader gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine_evaluator import predictions_of, targets_of
from engine_structures import BaseDataElement, PixelData

SCORES = torch.tensor([[0.1, 0.9], [0.8, 0.2]])
LABELS = torch.tensor([1, 0])


@pytest.mark.parametrize(
    ("samples", "pick"),
    [
        (list(SCORES), None),
        ([(scores, 1) for scores in SCORES], None),
        ([{"pred_score": scores, "pred_label": 0} for scores in SCORES], None),
        ([BaseDataElement(pred_score=scores) for scores in SCORES], None),
        ([{"deep": {"er": scores.numpy()}} for scores in SCORES], "deep.er"),
        ([("id", scores) for scores in SCORES], 1),
        ([{"x": scores / 2} for scores in SCORES], lambda _, found: [2 * f["x"] for f in found]),
    ],
)
def test_predictions_are_found(samples: Any, pick: Any) -> None:
    assert torch.equal(predictions_of(pick, None, samples), SCORES)


@pytest.mark.parametrize(
    ("batch", "samples", "pick"),
    [
        ((SCORES, LABELS), list(SCORES), None),
        ([SCORES, LABELS.tolist()], list(SCORES), None),
        ({"x": SCORES, "labels": LABELS}, list(SCORES), None),
        (None, [(0, label) for label in LABELS], None),
        (None, [{"gt_label": int(label)} for label in LABELS], None),
        ({"inputs": SCORES, "data_samples": [1, 1]}, [{"truth": y} for y in LABELS], "truth"),
        ({"other": LABELS}, list(SCORES), "other"),
        ((SCORES, LABELS, SCORES), list(SCORES), 1),
        ({"x": {"y": LABELS.numpy()}}, list(SCORES), lambda batch, _: batch["x"]["y"]),
    ],
)
def test_targets_are_found(batch: Any, samples: Any, pick: Any) -> None:
    assert targets_of(pick, batch, samples).tolist() == [1, 0]


def test_maps_of_different_sizes_are_strung_together() -> None:
    maps = [torch.zeros(1, 2, 2, dtype=torch.int64), torch.ones(1, 1, 3, dtype=torch.int64)]
    samples = [BaseDataElement(pred_sem_seg=PixelData(data=each)) for each in maps]
    dicts: list[Any] = [each.to_dict() for each in samples]
    assert predictions_of(None, None, dicts).tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert predictions_of("pred_sem_seg.data", None, samples).shape == (7,)


def test_numbers_that_are_not_there_are_not_taken_from_elsewhere() -> None:
    with pytest.raises(ValueError, match=r"no target was found under 'gt': a prediction is a dict"):
        targets_of("gt", (SCORES, LABELS), [{"pred_label": 1}, {"pred_label": 0}])
    with pytest.raises(ValueError, match=r"a dict of \['inputs'\]. Give target=\.\.\. a name"):
        targets_of(None, {"inputs": np.zeros(2)}, list(SCORES))
    with pytest.raises(ValueError, match="no pred was found"):
        predictions_of(None, None, [{"boxes": 1}])
