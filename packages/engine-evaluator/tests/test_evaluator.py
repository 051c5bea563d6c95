"""`Evaluator` puts several metrics together."""

from __future__ import annotations

from typing import Any

import pytest
from metrics import Mean, Order, Ranked

from engine_evaluator import BaseMetric, Evaluator, get_metric_value
from engine_registry import EVALUATOR, METRICS
from engine_structures import BaseDataElement


class Seen(BaseMetric):
    """Keeps the batches and predictions that it is given."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.append((data_batch, data_samples))

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"seen": results}


def test_the_numbers_of_several_metrics_come_together() -> None:
    evaluator = Evaluator([Mean(), Ranked(), Order(prefix="order")])
    evaluator.process(data_samples=[1.0, 2.0])
    evaluator.process(data_samples=[6.0])
    assert evaluator.evaluate(3) == {
        "mean": 3.0,
        "rank/mean": 3.0,
        "order/values": [1.0, 2.0, 6.0],
    }


def test_two_metrics_of_one_name_are_refused() -> None:
    evaluator = Evaluator([Mean(), Mean()])
    evaluator.process([1.0])
    with pytest.raises(
        ValueError, match=r"two metrics give the name 'mean'.*give one of them a pr"
    ):
        evaluator.evaluate(1)


def test_configs_are_built() -> None:
    METRICS.register_module(name="MeanOfATest", module=Mean)
    try:
        config = {"type": "MeanOfATest", "prefix": "a"}
        for given in (config, [config], Mean(prefix="a")):
            evaluator = EVALUATOR.build({"type": "Evaluator", "metrics": given})
            evaluator.process([2.0])
            assert evaluator.evaluate(1) == {"a/mean": 2.0}
    finally:
        METRICS._module_dict.pop("MeanOfATest", None)
    with pytest.raises(TypeError, match=r"a metric has process\(\) and evaluate\(\).*got 3"):
        Evaluator([3])


def test_every_metric_learns_what_is_known_of_the_data() -> None:
    evaluator = Evaluator([Mean(), Order()])
    evaluator.dataset_meta = {"classes": ("a",)}
    assert [metric.dataset_meta for metric in evaluator.metrics] == [{"classes": ("a",)}] * 2
    assert evaluator.dataset_meta == {"classes": ("a",)}


def test_data_elements_come_to_the_metrics_as_dicts() -> None:
    evaluator = Evaluator(Seen())
    inner = BaseDataElement(score=1)
    evaluator.process([BaseDataElement(pred=inner), {"label": 2}], {"inputs": 3})
    ((batch, samples),) = evaluator.evaluate(9)["seen"]
    assert batch == {"inputs": 3}
    assert samples[0]["pred"]["score"] == 1
    assert samples[1] == {"label": 2}


@pytest.mark.parametrize(
    ("chunk_size", "chunks"), [(1, [[1], [2], [3]]), (2, [[1, 2], [3]]), (9, [[1, 2, 3]])]
)
def test_predictions_made_before_come_in_chunks(chunk_size: int, chunks: list[list[int]]) -> None:
    found = Evaluator(Seen()).offline_evaluate([1, 2, 3], [4, 5, 6], chunk_size)["seen"]
    assert [samples for _, samples in found] == chunks
    assert [data for data, _ in found] == [[each + 3 for each in chunk] for chunk in chunks]


def test_predictions_made_before_need_no_data() -> None:
    assert Evaluator(Mean()).offline_evaluate([1.0, 2.0, 6.0]) == {"mean": 3.0}
    with pytest.raises(ValueError, match="there are 2 predictions, but 1 samples in data"):
        Evaluator(Mean()).offline_evaluate([1.0, 2.0], [0])


def test_a_number_is_found_by_its_name_with_or_without_prefix() -> None:
    metrics = {"a/acc": 1, "b/acc": 2, "b/map": 3, "loss": 4}
    assert get_metric_value("b/acc", metrics) == 2
    assert get_metric_value("map", metrics) == 3
    assert get_metric_value("loss", metrics) == 4
    with pytest.raises(ValueError, match=r"several metrics are called 'acc': \['a/acc', 'b/acc'\]"):
        get_metric_value("acc", metrics)
    for missing in ("ap", "c/acc"):
        with pytest.raises(ValueError, match=f"no metric is called '{missing}'; there are"):
            get_metric_value(missing, metrics)
