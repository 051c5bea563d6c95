"""Names of MMEngine's `mmengine.runner.runner`, from engine_runner.runner."""

from engine_runner.runner import Runner

__all__ = ["Runner"]
