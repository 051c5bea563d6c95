"""Metrics, and how they are put together."""

from engine_runner.evaluator.evaluator import Evaluator, get_metric_value
from engine_runner.evaluator.metric import BaseMetric, DumpResults

__all__ = ["BaseMetric", "DumpResults", "Evaluator", "get_metric_value"]
