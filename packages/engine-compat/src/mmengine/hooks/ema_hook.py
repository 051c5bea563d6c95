"""Names of MMEngine's `mmengine.hooks.ema_hook`, from engine_runner.hooks."""

from engine_runner.hooks import EMAHook

__all__ = ["EMAHook"]
