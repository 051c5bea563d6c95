"""Names of MMEngine's `mmengine.evaluator.utils`, from engine_runner.evaluator."""

from engine_runner.evaluator import get_metric_value

__all__ = ["get_metric_value"]
