"""Names of MMEngine's `mmengine.optim.optimizer.builder`, from engine_optim."""

from engine_optim import build_optim_wrapper

__all__ = ["build_optim_wrapper"]
