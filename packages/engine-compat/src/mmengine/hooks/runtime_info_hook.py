"""Names of MMEngine's `mmengine.hooks.runtime_info_hook`, from engine_runner.hooks."""

from engine_runner.hooks import RuntimeInfoHook

__all__ = ["RuntimeInfoHook"]
