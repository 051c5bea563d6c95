"""Names of MMEngine's `mmengine._strategy.distributed`, from engine_runner.strategy."""

from engine_runner.strategy import DDPStrategy

__all__ = ["DDPStrategy"]
