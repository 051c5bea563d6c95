"""`BaseMetric` and `DumpResults`."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from metrics import Mean, Ranked, results_of_a_rank

import engine_dist
from engine_evaluator import BaseMetric, DumpResults
from engine_registry import METRICS
from engine_structures import BaseDataElement


def test_a_name_gets_the_prefix() -> None:
    for metric, name in (
        (Mean(), "mean"),
        (Mean(prefix="own"), "own/mean"),
        (Ranked(), "rank/mean"),
        (Ranked(prefix="own"), "own/mean"),
    ):
        metric.process(None, [1.0, 3.0])
        assert metric.evaluate(2) == {name: 2.0}


def test_results_are_forgotten_and_those_beyond_the_size_cut() -> None:
    metric = Mean()
    metric.process(None, [1.0, 3.0, 100.0])
    assert metric.evaluate(2) == {"mean": 2.0}
    assert metric.results == []
    metric.process(None, [5.0])
    assert metric.evaluate(1) == {"mean": 5.0}


def test_a_metric_without_results_warns(caplog: pytest.LogCaptureFixture) -> None:
    class Keeps(BaseMetric):
        def process(self, data_batch: Any, data_samples: Any) -> None: ...

        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"number": len(results)}

    assert Keeps().evaluate(3) == {"number": 0}
    assert "Keeps has no results: append to self.results in process()" in caplog.text


def test_results_come_without_gradients_and_otherwise_as_they_were() -> None:
    class Holds(Mean):
        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"all": results}

    element = BaseDataElement(box=torch.ones(2, requires_grad=True) * 2, name=np.ones(2))
    metric = Holds()
    metric.results = [
        {"a": (torch.ones(1, requires_grad=True), [np.zeros(2)]), "e": element, "text": "t"}
    ]
    (found,) = metric.evaluate(1)["all"]
    assert not found["a"][0].requires_grad
    assert isinstance(found["a"], tuple)
    assert isinstance(found["a"][1][0], np.ndarray)
    assert isinstance(found["e"].name, np.ndarray)
    assert not found["e"].box.requires_grad
    assert found["text"] == "t"


def test_a_folder_is_for_results_that_travel_through_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"collect_dir is for collect_device='cpu', got .*'gpu'"):
        Mean(collect_device="gpu", collect_dir=str(tmp_path))


def test_what_is_known_of_the_data_can_be_set() -> None:
    metric = Mean()
    assert metric.dataset_meta is None
    metric.dataset_meta = {"classes": ("a",)}
    assert metric.dataset_meta == {"classes": ("a",)}


def test_two_processes_evaluate_all_samples_once(tmp_path: Path) -> None:
    folder = str(tmp_path / "parts")
    found = engine_dist.launch(
        results_of_a_rank, 2, (folder,), start_method="forkserver", timeout=60
    )
    # Five samples for two ranks: a sampler gives the second rank the first sample once more.
    assert found == [[{"order/values": [0, 1, 2, 3, 4]}] * 3] * 2


def test_predictions_are_dumped_on_the_cpu(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "results.pkl"
    metric = METRICS.build({"type": "DumpResults", "out_file_path": str(file)})
    assert isinstance(metric, DumpResults)
    metric.process(None, [{"label": torch.tensor(1, dtype=torch.int64)}, {"label": np.ones(1)}])
    assert metric.evaluate(2) == {}
    first, second = pickle.loads(file.read_bytes())
    assert first["label"].item() == 1
    assert isinstance(second["label"], np.ndarray)


def test_predictions_go_into_a_pickle_file() -> None:
    with pytest.raises(ValueError, match=r"out_file_path='results\.json'"):
        DumpResults("results.json")
