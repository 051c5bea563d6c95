"""Names of MMEngine's `mmengine.runner.base_loop`, from engine_runner.runner."""

from engine_runner.runner import BaseLoop

__all__ = ["BaseLoop"]
