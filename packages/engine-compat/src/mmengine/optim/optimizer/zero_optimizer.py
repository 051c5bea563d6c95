"""Names of MMEngine's `mmengine.optim.optimizer.zero_optimizer`, from engine_optim."""

from engine_optim import ZeroRedundancyOptimizer

__all__ = ["ZeroRedundancyOptimizer"]
