"""Names of MMEngine's `mmengine.hooks.sync_buffer_hook`, from engine_runner.hooks."""

from engine_runner.hooks import SyncBuffersHook

__all__ = ["SyncBuffersHook"]
