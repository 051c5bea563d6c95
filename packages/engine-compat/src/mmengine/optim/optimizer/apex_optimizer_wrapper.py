"""Names of MMEngine's `mmengine.optim.optimizer.apex_optimizer_wrapper`."""

from engine_optim import ApexOptimWrapper

__all__ = ["ApexOptimWrapper"]
