"""Names of MMEngine's `mmengine.hooks.hook`, from engine_runner.hooks."""

from engine_runner.hooks import Hook

__all__ = ["Hook"]
