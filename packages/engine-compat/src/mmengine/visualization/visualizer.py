"""Names of MMEngine's `mmengine.visualization.visualizer`, from engine_visual."""

from engine_visual import Visualizer

__all__ = ["Visualizer"]
