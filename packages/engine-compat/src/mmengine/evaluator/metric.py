"""Names of MMEngine's `mmengine.evaluator.metric`."""

from engine_evaluator import BaseMetric, DumpResults
from engine_evaluator.metric import to_cpu as _to_cpu

__all__ = ["BaseMetric", "DumpResults", "_to_cpu"]
