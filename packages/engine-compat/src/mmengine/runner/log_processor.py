"""Names of MMEngine's `mmengine.runner.log_processor`, from engine_runner.runner."""

from engine_runner.runner import LogProcessor

__all__ = ["LogProcessor"]
