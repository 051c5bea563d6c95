"""Names of MMEngine's `mmengine.hooks.logger_hook`, from engine_runner.hooks."""

from engine_runner.hooks import LoggerHook

__all__ = ["LoggerHook"]
