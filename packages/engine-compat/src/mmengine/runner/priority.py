"""Names of MMEngine's `mmengine.runner.priority`, from engine_runner.runner."""

from engine_runner.runner import Priority, get_priority

__all__ = ["Priority", "get_priority"]
