"""Names of MMEngine's `mmengine.runner.amp`, from engine_runner.runner."""

from engine_runner.runner import autocast

__all__ = ["autocast"]
