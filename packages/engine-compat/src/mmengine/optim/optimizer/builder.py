"""Names of MMEngine's `mmengine.optim.optimizer.builder`, from engine_runner.optim."""

from engine_runner.optim import build_optim_wrapper

__all__ = ["build_optim_wrapper"]
