"""Metrics, and how they are put together."""

from engine_runner.evaluator.batch import first_samples, num_samples
from engine_runner.evaluator.confusion import ConfusionMatrix, MeanIoU
from engine_runner.evaluator.evaluator import Evaluator, get_metric_value
from engine_runner.evaluator.mergeable import MergeableMetric
from engine_runner.evaluator.metric import BaseMetric, DumpResults
from engine_runner.evaluator.select import predictions_of, targets_of
from engine_runner.evaluator.streaming import StreamingMetric
from engine_runner.evaluator.top_k import TopKAccuracy
from engine_runner.evaluator.torch_metric import TorchMetric, is_torch_metric

__all__ = [
    "BaseMetric",
    "ConfusionMatrix",
    "DumpResults",
    "Evaluator",
    "MeanIoU",
    "MergeableMetric",
    "StreamingMetric",
    "TopKAccuracy",
    "TorchMetric",
    "first_samples",
    "get_metric_value",
    "is_torch_metric",
    "num_samples",
    "predictions_of",
    "targets_of",
]
