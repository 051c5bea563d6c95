"""From an input to a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine_runner.infer import InputError
from engine_runner.infer.samples import SampleOf, dataset_config, loader_config

DATA = {"pipeline": ["here"]}


class LoadImageFromNowhere:
    """Must not be called."""

    def __call__(self, data: Any) -> Any:
        raise AssertionError("an array is loaded already")


class LoadAnnotations(LoadImageFromNowhere):
    """Must not be called either."""


class Keep:
    """Returns what it is given."""

    def __call__(self, data: Any) -> Any:
        return data


def test_a_path_goes_into_the_pipeline_by_name() -> None:
    assert SampleOf([Keep()])("a.png") == {"img_path": "a.png"}
    assert SampleOf([Keep()])(Path("a.png")) == {"img_path": "a.png"}


def test_an_array_skips_what_would_load_it() -> None:
    image = np.zeros((4, 6, 3))
    found = SampleOf([LoadImageFromNowhere(), LoadAnnotations(), Keep()])(image)
    assert found["img"] is image
    assert found["img_shape"] == found["ori_shape"] == (4, 6)


def test_a_sample_goes_into_the_pipeline_as_it_is() -> None:
    assert SampleOf([Keep()])({"text": "a"}) == {"text": "a"}


def test_without_a_pipeline_an_array_is_the_models_input() -> None:
    (found,) = SampleOf(None)(np.ones(2, np.float32))
    assert torch.equal(found, torch.ones(2))
    assert torch.equal(SampleOf([], named=True)(torch.ones(2))["inputs"], torch.ones(2))
    assert SampleOf([LoadAnnotations()])({"a": 1}) == {"a": 1}


def test_a_path_without_a_pipeline_is_told() -> None:
    with pytest.raises(InputError, match=r"no test_dataloader\.dataset\.pipeline"):
        SampleOf(None)("a.png")


def test_a_refused_input_is_told() -> None:
    with pytest.raises(InputError, match="the pipeline returned None"):
        SampleOf([lambda data: None])("a.png")


@pytest.mark.parametrize(
    "cfg",
    [
        {"test_dataloader": {"dataset": DATA}},
        {"val_dataloader": {"dataset": DATA}},
        {"test_dataloader": {"dataset": {"type": "RepeatDataset", "dataset": DATA}}},
        {"test_dataloader": {"dataset": {"type": "ConcatDataset", "datasets": [DATA, {}]}}},
        {"test_dataloader": [{"dataset": DATA}, {"dataset": {}}]},
        {"test_dataloader": {"day": {"dataset": DATA}, "night": {"dataset": {}}}},
    ],
)
def test_the_pipeline_is_found_wherever_the_test_data_are(cfg: Any) -> None:
    assert dataset_config(cfg)["pipeline"] == ["here"]


def test_there_may_be_no_test_data() -> None:
    for cfg in ({}, {"test_dataloader": None}, {"test_dataloader": []}):
        assert dataset_config(cfg) == loader_config(cfg) == {}
    assert dataset_config({"test_dataloader": {"dataset": {"type": "A"}}}) == {}
    assert dataset_config({"test_dataloader": {"dataset": object()}}) == {}
