"""Names of MMEngine's `mmengine.optim.optimizer.optimizer_wrapper_dict`."""

from engine_runner.optim import OptimWrapperDict

__all__ = ["OptimWrapperDict"]
