"""Names of MMEngine's `mmengine.optim.optimizer.base`, from engine_optim."""

from engine_optim import BaseOptimWrapper

__all__ = ["BaseOptimWrapper"]
