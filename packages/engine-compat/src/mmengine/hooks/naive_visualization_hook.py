"""Names of MMEngine's `mmengine.hooks.naive_visualization_hook`, from engine_runner.hooks."""

from engine_runner.hooks import NaiveVisualizationHook

__all__ = ["NaiveVisualizationHook"]
