"""Metrics, importable by other processes."""

from __future__ import annotations

from typing import Any

from engine_dataset import DefaultSampler
from engine_dist import get_rank
from engine_evaluator import BaseMetric


class Mean(BaseMetric):
    """The mean of the predictions, which are numbers."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.extend(data_samples)

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"mean": sum(results) / len(results)}


class Ranked(Mean):
    """A mean with a prefix of its own."""

    default_prefix = "rank"


class Order(Mean):
    """All predictions, in their order."""

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"values": list(results)}


def results_of_a_rank(collect_dir: str) -> list[dict[str, Any]]:
    """What a rank gets for five samples, however results travel."""
    found = []
    for options in ({}, {"collect_dir": collect_dir}, {"collect_device": "gpu"}):
        metric = Order(prefix="order", **options)
        indices = [*DefaultSampler(range(5), shuffle=False, seed=0)]
        assert len(indices) == 3, get_rank()
        metric.process(None, indices)
        found.append(metric.evaluate(5))
    return found
