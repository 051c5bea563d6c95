"""Names of MMEngine's `mmengine.hooks.early_stopping_hook`, from engine_runner.hooks."""

from engine_runner.hooks import EarlyStoppingHook

__all__ = ["EarlyStoppingHook"]
