"""Names of MMEngine's `mmengine.evaluator.evaluator`, from engine_runner.evaluator."""

from engine_runner.evaluator import Evaluator

__all__ = ["Evaluator"]
