"""Names of MMEngine's `mmengine.optim.optimizer.default_constructor`, from engine_runner.optim."""

from engine_runner.optim import DefaultOptimWrapperConstructor

__all__ = ["DefaultOptimWrapperConstructor"]
