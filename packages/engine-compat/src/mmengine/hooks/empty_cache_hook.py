"""Names of MMEngine's `mmengine.hooks.empty_cache_hook`, from engine_runner.hooks."""

from engine_runner.hooks import EmptyCacheHook

__all__ = ["EmptyCacheHook"]
