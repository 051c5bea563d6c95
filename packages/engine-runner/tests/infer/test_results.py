"""Predictions as plain values, as a short line, and as lines of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine_runner.infer.results import Result, plain
from engine_structures import BaseDataElement, InstanceData, LabelData

CLASSES = ["cat", "dog", "cow", "hen"]


def detection() -> BaseDataElement:
    instances = InstanceData(labels=torch.tensor([1, 0, 1]), scores=torch.tensor([0.5, 0.25, 1.0]))
    sample = BaseDataElement(metainfo={"img_path": "a.png", "ori_shape": (4, 6)})
    sample.pred_instances = instances
    sample.gt_instances = InstanceData(labels=torch.tensor([3]))
    return sample


def test_a_prediction_becomes_plain_values() -> None:
    assert plain(detection()) == {
        "img_path": "a.png",
        "ori_shape": [4, 6],
        "pred_instances": {"labels": [1, 0, 1], "scores": [0.5, 0.25, 1.0]},
    }
    assert plain(torch.tensor(2)) == 2
    assert plain((torch.ones(2), np.float32(0.5), None, "a", Path("b"))) == [
        [1.0, 1.0],
        0.5,
        None,
        "a",
        "b",
    ]
    assert plain({1: torch.tensor([True], requires_grad=False)}) == {"1": [True]}


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        (torch.tensor([0.1, 0.6, 0.2, 0.1]), "dog 0.6, cow 0.2, cat 0.1"),
        (torch.tensor([0.1, 0.9], dtype=torch.bfloat16), "dog 0.898, cat 0.1"),
        (torch.tensor(2), "cow"),
        (torch.tensor([2]), "cow"),
        (torch.tensor([[0.25]]), "0.25"),
        (torch.tensor([0, 1]), "cat, dog"),
        (torch.zeros(3, 4), "float32 of 3x4"),
        ((torch.tensor([0.0, 1.0]), torch.tensor(7)), "dog 1, cat 0, 7"),
        ({"score": 0.12345678, "text": "yes"}, "score 0.1235, text yes"),
        ([1, 2, 3, 4, 5], "1, 2, 3, and 2 more"),
        (detection(), "pred_instances 3 instances (2 dog, 1 cat)"),
        (InstanceData(), "0 instances"),
        (LabelData(item=torch.tensor([3])), "item hen"),
    ],
)
def test_a_prediction_has_a_short_line(sample: Any, text: str) -> None:
    assert str(Result(name="a.png", sample=sample, classes=CLASSES)) == f"a.png: {text}"


def test_the_line_stays_short() -> None:
    assert len(str(Result(name="a", sample="x" * 1000))) == 103


def test_a_line_of_json_has_all_of_it() -> None:
    result = Result(name="ä.png", sample=torch.tensor([1.0, 2.0]), picture=Path("out", "ä.png"))
    assert json.loads(result.json_line()) == {
        "input": "ä.png",
        "prediction": [1.0, 2.0],
        "picture": "out/ä.png",
    }
    assert "ä" in result.json_line()


def test_what_is_not_finite_is_null_in_json() -> None:
    sample = {"scores": torch.tensor([float("nan"), 1.0, float("inf")])}
    line = Result(name="a", sample=sample).json_line()
    assert json.loads(line)["prediction"] == {"scores": [None, 1.0, None]}
