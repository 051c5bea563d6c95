"""What only matplotlib draws, as a transparent layer over the pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine_visual.drawing import Canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 100
Limits = tuple[tuple[float, float], tuple[float, float]]


class FigureLayer:
    """Axes whose coordinates are an image's pixels, unless somebody gives them others.

    Args:
        size: (width, height) of the image.
        settings: arguments of the figure.
        axes: those to take, with their figure, instead of new ones.
    """

    def __init__(
        self, size: tuple[int, int], settings: Mapping[str, Any], axes: Axes | None = None
    ) -> None:
        self.size = size
        if axes is None:
            from matplotlib.figure import Figure  # asked for only here

            inches = [(pixels + 0.01) / DPI for pixels in size]  # never a pixel too few
            self.figure: Any = Figure(figsize=(inches[0], inches[1]), dpi=DPI, **settings)
            self.axes: Any = self.figure.add_axes((0, 0, 1, 1))
            self.agg = _agg_of(self.figure)
            self._clear()
        else:
            self.figure, self.axes = axes.figure, axes
            self.agg = _agg_of(self.figure)
            self._bare = len(axes.get_children())
            self._limits = axes.get_xlim(), axes.get_ylim()
        self.figure.patch.set_alpha(0)

    @property
    def is_drawn_on(self) -> bool:
        """Whether there is anything to blend into the image."""
        return len(self.axes.get_children()) != self._bare

    def burn(self, canvas: Canvas) -> None:
        """Blend what was drawn on the axes over ``canvas``, and clear them."""
        if not self.is_drawn_on:
            return
        self.agg.draw()
        layer = np.asarray(self.agg.buffer_rgba())[: self.size[1], : self.size[0]]
        canvas.overlay(layer)
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        self._clear()
        self._set_limits(limits)

    def pixels_of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pixels where ``points`` (..., 2) of the axes lie."""
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        if limits == self._limits:
            return points
        found = np.empty(points.shape)
        for axis, (start, end) in enumerate(limits):
            # y goes up in a figure, and down in an image
            low, high = (start, end) if axis == 0 else (end, start)
            found[..., axis] = (points[..., axis] - low) / (high - low) * self.size[axis] - 0.5
        return found

    def _clear(self) -> None:
        width, height = self.size
        self.axes.clear()
        self.axes.axis("off")
        self._limits = (-0.5, width - 0.5), (height - 0.5, -0.5)
        self._set_limits(self._limits)
        self._bare = len(self.axes.get_children())

    def _set_limits(self, limits: Limits) -> None:
        self.axes.set_xlim(*limits[0])
        self.axes.set_ylim(*limits[1])
        self.axes.set_autoscale_on(False)


def _agg_of(figure: Any) -> Any:
    """The canvas that makes pixels of a figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    found = figure.canvas
    return found if isinstance(found, FigureCanvasAgg) else FigureCanvasAgg(figure)
