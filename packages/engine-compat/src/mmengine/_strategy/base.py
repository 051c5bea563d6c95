"""Names of MMEngine's `mmengine._strategy.base`, from engine_runner.strategy."""

from engine_runner.strategy import BaseStrategy

__all__ = ["BaseStrategy"]
