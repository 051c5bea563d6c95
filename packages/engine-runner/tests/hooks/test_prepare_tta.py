"""Tests with several views of each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from toy import QUIET, Count, Line, toy_runner

from engine_config import Config
from engine_model import BaseTTAModel
from engine_registry import DATASETS, METRICS, MODELS, TRANSFORMS
from engine_runner import BaseDataset
from engine_runner.hooks import PrepareTTAHook, build_runner_with_tta

MODELS.register_module(name="ToyLine", module=Line, force=True)


@MODELS.register_module(name="MeanOfTwoViews", force=True)
class Mean(BaseTTAModel):
    """The mean of the predictions for all views."""

    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        return [torch.stack([pred for pred, _ in views]).mean(dim=0) for views in data_samples_list]


class Shifted:
    """A view moved along x."""

    def __init__(self, by: float) -> None:
        self.by = by

    def __call__(self, data: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"x": data["x"] + torch.tensor([self.by, 0.0]), "y": data["y"]}


@TRANSFORMS.register_module(name="ShiftedViews", force=True)
class Views:
    """Each field as a list, with one entry for each way of augmenting."""

    def __init__(self, shifts: list[float]) -> None:
        self.shifts = shifts

    def __call__(self, data: dict[str, Tensor]) -> dict[str, list[Tensor]]:
        views = [Shifted(by)(data) for by in self.shifts]
        return {name: [view[name] for view in views] for name in data}


@TRANSFORMS.register_module(name="BrokenPicture", force=True)
class Broken:
    """Can't be read."""

    def __call__(self, data: Any) -> Any:
        raise OSError("broken picture")


@DATASETS.register_module(name="NumbersWithPipeline", force=True)
class Numbers(BaseDataset):
    """Points as a data set with a pipeline."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"x": torch.tensor([float(i), 1.0]), "y": torch.zeros(1)} for i in range(4)]

    def get_data_info(self, idx: int) -> Any:
        found = super().get_data_info(idx)
        return {"x": found["x"], "y": found["y"]}


@METRICS.register_module(name="KeptPredictions", force=True)
class Kept(Count):
    """Keeps what was predicted."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.extend(each if isinstance(each, Tensor) else each[0] for each in data_samples)

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"predicted": torch.stack(results).flatten().tolist()}


def config(work_dir: Path, **changes: Any) -> dict[str, Any]:
    dataset: dict[str, Any] = {
        "type": "NumbersWithPipeline",
        "pipeline": [],
        "serialize_data": False,
    }
    return {
        "model": {"type": "ToyLine"},
        "work_dir": str(work_dir),
        "test_dataloader": {
            "batch_size": 2,
            "dataset": {"type": "RepeatDataset", "times": 1, "dataset": dataset},
            "collate_fn": {"type": "default_collate"},
        },
        "test_cfg": {},
        "test_evaluator": {"type": "KeptPredictions"},
        "default_hooks": QUIET,
        "log_level": "WARNING",
        "tta_model": {"type": "MeanOfTwoViews"},
        "tta_pipeline": [{"type": "ShiftedViews", "shifts": [0.0, 1.0, 5.0]}],
        **changes,
    }


def test_predictions_are_merged_over_views(tmp_path: Path) -> None:
    runner = build_runner_with_tta(config(tmp_path))
    model = runner.model
    for _ in range(2):  # a second test is as the first
        # 0.5 x + 0.5 for x, x + 1 and x + 5: 0.5 x + 1.5
        assert runner.test()["predicted"] == [1.5, 2.0, 2.5, 3.0]
        assert runner.model is model


def test_a_config_of_a_file_will_do(tmp_path: Path) -> None:
    given = Config(config(tmp_path))
    assert build_runner_with_tta(given).test()["predicted"] == [1.5, 2.0, 2.5, 3.0]
    assert given.test_dataloader.dataset.dataset.pipeline == []  # is left as it was


def test_data_without_a_pipeline_get_one(tmp_path: Path) -> None:
    given = config(tmp_path)
    del given["test_dataloader"]["dataset"]["dataset"]["pipeline"]
    assert build_runner_with_tta(given).test()["predicted"] == [1.5, 2.0, 2.5, 3.0]


def test_a_test_that_fails_leaves_the_model(tmp_path: Path) -> None:
    broken = config(tmp_path, tta_pipeline=[{"type": "BrokenPicture"}])
    runner = build_runner_with_tta(broken)
    model = runner.model
    with pytest.raises(OSError, match="broken picture"):
        runner.test()
    assert runner.model is model


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    for key in ("tta_model", "tta_pipeline"):
        with pytest.raises(KeyError, match=f"needs '{key}'"):
            build_runner_with_tta(config(tmp_path, **{key: None}))
    with pytest.raises(KeyError, match=r"test_dataloader\.dataset\.pipeline"):
        build_runner_with_tta(config(tmp_path, test_dataloader={"dataset": None}))


def test_the_innermost_data_set_gets_the_pipeline_also_if_it_had_none(tmp_path: Path) -> None:
    given = config(tmp_path)
    inner = given["test_dataloader"]["dataset"]["dataset"]
    del inner["pipeline"]
    assert build_runner_with_tta(given).test()["predicted"] == [1.5, 2.0, 2.5, 3.0]


def test_the_hook_alone_wraps_a_runners_model(tmp_path: Path) -> None:
    runner = toy_runner(tmp_path, default_hooks=QUIET)
    own = runner.model
    hook = PrepareTTAHook({"type": Mean})
    hook.before_test(runner)
    assert isinstance(runner.model, Mean)
    assert runner.model.module is own
    hook.after_test(runner)
    assert runner.model is own
