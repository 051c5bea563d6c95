"""Names of MMEngine's `mmengine.optim.optimizer.base`, from engine_runner.optim."""

from engine_runner.optim import BaseOptimWrapper

__all__ = ["BaseOptimWrapper"]
