"""How many samples a batch has, and the first of them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch

from engine_evaluator import first_samples, num_samples
from engine_evaluator.batch import device_of, one_by_one
from engine_structures import BaseDataElement

Pair = namedtuple("Pair", ["x", "y"])
IMAGES = torch.zeros(3, 2)


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ({"inputs": [torch.zeros(5)] * 2, "data_samples": [1, 2]}, 2),
        ({"scale": 1.0, "name": "all", "inputs": IMAGES}, 3),
        ({"inputs": {"ids": IMAGES, "mask": IMAGES}}, 3),
        ([IMAGES, torch.zeros(3)], 3),
        ((np.zeros((4, 1)),), 4),
        ([[1, 2, 3], ["a", "b", "c"]], 3),
        ([{"x": IMAGES}, {"x": IMAGES}], 2),
        ([BaseDataElement(x=1)], 1),
        (IMAGES, 3),
        (torch.tensor(1.0), None),
        ({"a": 1}, None),
        ([], None),
        ("text", None),
    ],
)
def test_a_batch_says_how_many_samples_it_has(batch: Any, expected: int | None) -> None:
    assert num_samples(batch) == expected


def test_the_first_samples_of_every_field_are_taken() -> None:
    batch = {"x": torch.arange(3), "names": ["a", "b", "c"], "size": (4, 4), "deep": {"y": [1] * 3}}
    found = first_samples(batch, 2)
    assert found["x"].tolist() == [0, 1]
    assert (found["names"], found["size"]) == (["a", "b"], (4, 4))
    assert found["deep"] == {"y": [1, 1]}
    assert first_samples([{"x": 1}, {"x": 2}], 1) == [{"x": 1}]
    assert first_samples(torch.arange(3), 1).tolist() == [0]
    assert first_samples((torch.arange(3), [1, 2, 3]), 1)[1] == [1]
    assert isinstance(first_samples(Pair(torch.arange(3), [1, 2, 3]), 1), Pair)


def test_a_batch_that_has_no_more_or_doesnt_tell_stays_as_it_is() -> None:
    for batch in ({"x": [1, 2]}, "text", [IMAGES[:2]]):
        assert first_samples(batch, 2) is batch


def test_the_first_tensor_says_where_a_batch_is() -> None:
    assert device_of([{"a": 1, "b": BaseDataElement(c=IMAGES)}]) == IMAGES.device
    assert device_of(({"a": 1}, "text")) is None


@pytest.mark.parametrize("size", [1, 2, 3])
def test_tensors_of_all_samples_are_taken_apart(size: int) -> None:
    scores, labels = torch.rand(size, 4), torch.arange(size)
    found = one_by_one([scores, labels], None)
    assert [(each.tolist(), int(label)) for each, label in found] == [
        (each.tolist(), int(label)) for each, label in zip(scores, labels, strict=True)
    ]


def test_two_rows_of_classes_are_taken_apart_if_the_batch_has_more_samples() -> None:
    rows = [torch.arange(3), torch.arange(3)]
    assert len(one_by_one(rows, {"x": IMAGES})) == 3
    assert one_by_one(rows, {"x": IMAGES[:2]}) is rows


def test_predictions_of_single_samples_stay_as_they_are() -> None:
    for predictions in (list(IMAGES), [{"a": 1}], [torch.tensor(1)], [(IMAGES, 1)] * 2, [IMAGES]):
        assert one_by_one(predictions, {"x": IMAGES}) is predictions
