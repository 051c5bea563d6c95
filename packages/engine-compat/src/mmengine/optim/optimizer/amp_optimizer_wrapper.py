"""Names of MMEngine's `mmengine.optim.optimizer.amp_optimizer_wrapper`."""

from engine_optim import AmpOptimWrapper

__all__ = ["AmpOptimWrapper"]
