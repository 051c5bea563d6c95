"""Names of MMEngine's `mmengine.evaluator.utils`, from engine_evaluator."""

from engine_evaluator import get_metric_value

__all__ = ["get_metric_value"]
