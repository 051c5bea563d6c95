"""Names of MMEngine's `mmengine.optim.optimizer.zero_optimizer`, from engine_runner.optim."""

from engine_runner.optim import ZeroRedundancyOptimizer

__all__ = ["ZeroRedundancyOptimizer"]
