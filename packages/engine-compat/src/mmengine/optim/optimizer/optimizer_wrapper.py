"""Names of MMEngine's `mmengine.optim.optimizer.optimizer_wrapper`, from engine_runner.optim."""

from engine_runner.optim import OptimWrapper

__all__ = ["OptimWrapper"]
