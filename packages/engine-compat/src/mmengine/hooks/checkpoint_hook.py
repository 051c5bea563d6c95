"""Names of MMEngine's `mmengine.hooks.checkpoint_hook`, from engine_runner.hooks."""

from engine_runner.hooks import CheckpointHook

__all__ = ["CheckpointHook"]
