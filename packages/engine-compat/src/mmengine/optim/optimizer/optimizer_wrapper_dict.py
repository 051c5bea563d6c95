"""Names of MMEngine's `mmengine.optim.optimizer.optimizer_wrapper_dict`."""

from engine_optim import OptimWrapperDict

__all__ = ["OptimWrapperDict"]
