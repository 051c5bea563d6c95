"""Names of MMEngine's `mmengine.evaluator`, from engine_evaluator."""

from engine_evaluator import BaseMetric, DumpResults, Evaluator, get_metric_value

__all__ = ["BaseMetric", "DumpResults", "Evaluator", "get_metric_value"]
