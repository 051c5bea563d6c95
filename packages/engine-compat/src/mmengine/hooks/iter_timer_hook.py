"""Names of MMEngine's `mmengine.hooks.iter_timer_hook`, from engine_runner.hooks."""

from engine_runner.hooks import IterTimerHook

__all__ = ["IterTimerHook"]
