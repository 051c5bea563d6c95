"""What only matplotlib draws, as a transparent layer over the pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine_visual.drawing import Canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 100


class FigureLayer:
    """Axes whose coordinates are an image's pixels.

    Args:
        size: (width, height) of the image.
        settings: arguments of the figure.
    """

    def __init__(self, size: tuple[int, int], settings: Mapping[str, Any]) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # asked for only here
        from matplotlib.figure import Figure

        self.size = size
        inches = [(pixels + 0.01) / DPI for pixels in size]  # never a pixel too few
        self.figure = Figure(figsize=(inches[0], inches[1]), dpi=DPI, **settings)
        self.figure.patch.set_alpha(0)
        self._agg: Any = FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self._clear()

    def burn(self, canvas: Canvas) -> None:
        """Blend what was drawn on the axes over ``canvas``, and clear them."""
        if len(self.axes.get_children()) == self._bare:
            return
        self._agg.draw()
        layer = np.asarray(self._agg.buffer_rgba())[: self.size[1], : self.size[0]]
        canvas.overlay(layer)
        self._clear()

    def _clear(self) -> None:
        width, height = self.size
        self.axes.clear()
        self.axes.axis("off")
        self.axes.set_xlim(-0.5, width - 0.5)
        self.axes.set_ylim(height - 0.5, -0.5)
        self.axes.set_autoscale_on(False)
        self._bare = len(self.axes.get_children())
