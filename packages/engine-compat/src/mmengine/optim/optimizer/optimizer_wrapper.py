"""Names of MMEngine's `mmengine.optim.optimizer.optimizer_wrapper`, from engine_optim."""

from engine_optim import OptimWrapper

__all__ = ["OptimWrapper"]
