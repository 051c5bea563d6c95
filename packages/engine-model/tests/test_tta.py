from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine_model import BaseModel, BaseTTAModel, ImgDataPreprocessor
from engine_registry import MODELS, Registry


class Doubles(BaseModel):
    """Predicts twice what it sees, with what comes beside it."""

    def forward(self, inputs: Any, data_samples: Any = None, mode: str = "tensor") -> Any:
        names = data_samples or [None] * len(inputs)
        return [(2 * each, name) for each, name in zip(inputs, names, strict=True)]


class Mean(BaseTTAModel):
    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        return [
            (sum(value for value, _ in views) / len(views), {name for _, name in views})
            for views in data_samples_list
        ]


VIEWS = [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]  # three views of two samples
NAMES = [["a", "b"]] * 3


def test_predictions_of_all_views_of_a_sample_are_merged() -> None:
    model = Mean(Doubles())
    wanted = [(4.0, {"a"}), (40.0, {"b"})]
    assert model.test_step({"inputs": VIEWS, "data_samples": NAMES}) == wanted
    assert model.test_step((VIEWS, NAMES)) == wanted
    assert model.test_step([VIEWS, NAMES]) == wanted


def test_views_may_be_one_tensor() -> None:
    found = Mean(Doubles()).test_step({"inputs": torch.tensor(VIEWS)})
    assert [value.item() for value, _ in found] == [4, 40]


def test_the_model_may_be_a_config_with_its_preprocessor() -> None:
    library = Registry("model", parent=MODELS, scope="tta_test")
    library.register_module(module=Doubles)
    config = {"type": "tta_test.Doubles"}
    model = Mean(config, data_preprocessor={"type": "ImgDataPreprocessor"})
    assert isinstance(model.module, Doubles)
    assert isinstance(model.module.data_preprocessor, ImgDataPreprocessor)
    assert config == {"type": "tta_test.Doubles"}


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (3, TypeError, "must be a dict, list or tuple, got int"),
        ([{"inputs": [1]}, {"inputs": [2]}], TypeError, r"list of batches, got \['dict', 'dict'\]"),
        ({"inputs": VIEWS, "data_samples": NAMES[:2]}, ValueError, r"of views: \[2, 3\]"),
    ],
)
def test_what_holds_no_views_is_refused(batch: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Mean(Doubles()).test_step(batch)


def test_a_module_that_cannot_test_is_refused() -> None:
    with pytest.raises(TypeError, match="must be a model with test_step"):
        Mean(nn.Linear(1, 1))
    with pytest.raises(ValueError, match="given as a config"):
        Mean(Doubles(), data_preprocessor={"type": "ImgDataPreprocessor"})


def test_it_only_tests() -> None:
    with pytest.raises(NotImplementedError, match="call test_step"):
        Mean(Doubles())(VIEWS)
    with pytest.raises(TypeError, match="abstract"):
        BaseTTAModel(Doubles())  # type: ignore[abstract]
