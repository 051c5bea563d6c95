"""Names of MMEngine's `mmengine.optim.optimizer.default_constructor`, from engine_optim."""

from engine_optim import DefaultOptimWrapperConstructor

__all__ = ["DefaultOptimWrapperConstructor"]
