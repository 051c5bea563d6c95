"""Metrics, and how they are put together."""

from engine_runner.evaluator.batch import first_samples, num_samples
from engine_runner.evaluator.evaluator import Evaluator, get_metric_value
from engine_runner.evaluator.metric import BaseMetric, DumpResults

__all__ = [
    "BaseMetric",
    "DumpResults",
    "Evaluator",
    "first_samples",
    "get_metric_value",
    "num_samples",
]
