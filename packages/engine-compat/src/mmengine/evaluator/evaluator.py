"""Names of MMEngine's `mmengine.evaluator.evaluator`, from engine_evaluator."""

from engine_evaluator import Evaluator

__all__ = ["Evaluator"]
