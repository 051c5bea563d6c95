"""Metrics whose states are merged, on one process and on two."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from states import Extremes, evaluated, labelled, on_a_rank

import engine_dist
from engine_evaluator import Evaluator, MergeableMetric

SIZE = 13  # which two ranks can't share out evenly


def test_a_state_is_added_up_and_forgotten() -> None:
    metric = Extremes(prefix="x")
    for _ in range(2):
        metric.process(None, [1.0, 4.0])
        metric.process(None, [-2.0])
        assert metric.evaluate(3) == {
            "x/count": 3,
            "x/total": 3.0,
            "x/least": -2.0,
            "x/greatest": 4.0,
            "x/values": [-2.0, 1.0, 4.0],
        }


def test_what_a_sampler_repeated_is_not_counted() -> None:
    metric = Extremes()
    metric.begin_evaluation(3)
    metric.process(None, [1.0, 4.0])
    metric.process(None, [-2.0, 100.0])
    metric.process(None, [100.0])
    assert metric.evaluate(3)["values"] == [-2.0, 1.0, 4.0]


def test_a_metric_that_was_not_told_how_many_samples_there_are_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metric = Extremes()
    metric.process(None, [1.0, 4.0, 1.0])
    assert metric.evaluate(2)["count"] == 3
    assert "Extremes has counted 1 samples that a sampler repeated" in caplog.text


def test_an_evaluation_that_was_broken_off_leaves_nothing() -> None:
    metric = Extremes()
    metric.process(None, [100.0])
    metric.begin_evaluation(1)
    metric.process(None, [1.0])
    assert metric.evaluate(1)["values"] == [1.0]


def test_two_processes_merge_to_what_one_finds() -> None:
    alone = evaluated(SIZE)
    scores, classes = labelled(SIZE)
    best = scores.topk(2).indices
    assert alone["accuracy/top1"] == float((best[:, 0] == classes).double().mean())
    assert alone["accuracy/top2"] == float((best == classes[:, None]).any(1).double().mean())
    assert alone["gathered/top1"] == alone["accuracy/top1"] == alone["aAcc"]
    found = engine_dist.launch(on_a_rank, 2, (SIZE,), start_method="forkserver", timeout=60)
    assert [each["rank"] for each in found] == [0, 1]
    for each in found:
        assert each["evaluated"] == alone
        assert each["dealt"] == {
            "count": 5,
            "total": 10.0,
            "least": 0.0,
            "greatest": 4.0,
            "values": [0.0, 1.0, 2.0, 3.0, 4.0],
        }
        assert each["alone"]["values"] == [7.0]
        assert each["alone"]["count"] == 1


def test_states_move_to_where_the_predictions_are() -> None:
    class Moved(Extremes):
        def update(self, data_batch: Any, data_samples: Any) -> None:
            self.where = self.count.device.type

    metric = Moved()
    metric.process(None, [torch.zeros(1, device="meta")])
    assert metric.where == "meta"
    metric.reset()
    assert metric.count.device.type == "cpu"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "x", "default": torch.zeros(1), "reduce": "mean"}, ValueError, "got 'mean'"),
        ({"name": "total", "default": torch.zeros(1)}, ValueError, "can't be called 'total'"),
        ({"name": "process", "default": torch.zeros(1)}, ValueError, "'process': it is taken"),
        ({"name": "a b", "default": torch.zeros(1)}, ValueError, "'a b'"),
        ({"name": "x"}, TypeError, "with reduce='sum', needs a tensor"),
        ({"name": "x", "default": 0}, TypeError, "needs a tensor as its default: 0"),
        ({"name": "x", "default": torch.zeros(1), "reduce": "cat"}, TypeError, "has no default"),
    ],
)
def test_a_wrong_state_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Extremes().add_state(**arguments)


def test_predictions_that_were_made_before_are_merged_too() -> None:
    assert Evaluator(Extremes()).offline_evaluate([1.0, 2.0, 3.0], chunk_size=2)["total"] == 6.0


def test_no_results_are_gathered() -> None:
    with pytest.raises(NotImplementedError, match="Extremes keeps no results"):
        Extremes().compute_metrics([])
    assert issubclass(Extremes, MergeableMetric)
