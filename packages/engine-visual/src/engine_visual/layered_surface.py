"""Layered surface: an image with matplotlib's axes over it, for what the fast path can't draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine_registry.overridable import overridable
from engine_visual.drawing import Canvas, Surface
from engine_visual.errors import NoImageError
from engine_visual.figure_layer import FigureLayer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


__all__ = ["LayeredSurface"]


class LayeredSurface(Surface):
    """An image that is drawn on, by the ``draw_`` methods or by matplotlib.

    Args:
        image: what is drawn on first.
    """

    fig_save_cfg: Mapping[str, Any]

    def __init__(self, image: NDArray[Any] | None = None) -> None:
        self._layer: FigureLayer | None = None
        super().__init__(image)

    @property
    def ax_save(self) -> Axes:
        """Axes of matplotlib's over the image, for what the ``draw_`` methods can't draw.

        Their coordinates are pixels. What is drawn on them gets into the image when it is next
        drawn on or read, and they are cleared. If they are given other limits, the ``draw_``
        methods draw in these.
        """
        axes: Axes = self._figure_layer().axes
        return axes

    @ax_save.setter
    def ax_save(self, axes: Axes) -> None:
        self._layer = FigureLayer(self._layer_size(), self.fig_save_cfg, axes)

    @overridable
    def fig_save(self) -> Figure:
        """The figure of `ax_save`."""
        figure: Figure = self._figure_layer().figure
        return figure

    @overridable
    def fig_save_canvas(self) -> Any:
        """Matplotlib's canvas of `fig_save`."""
        return self._figure_layer().agg

    @overridable
    def dpi(self) -> float:
        """Dots per inch of `fig_save`."""
        return float(self.fig_save.dpi)

    def _layer_size(self) -> tuple[int, int]:
        try:
            return int(self.width), int(self.height)
        except NoImageError:
            return (640, 480)  # a figure's, until there is an image

    def _figure_layer(self) -> FigureLayer:
        size = self._layer_size()
        if self._layer is None or self._layer.size != size:
            self._layer = FigureLayer(size, self.fig_save_cfg)
        return self._layer

    def _current_canvas(self) -> Canvas:
        canvas = super()._current_canvas()
        if self._layer is not None and self._layer.size == (canvas.width, canvas.height):
            self._layer.burn(canvas)
        return canvas

    def _placed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return points if self._layer is None else self._layer.pixels_of(points)

    def set_image(self, image: NDArray[Any]) -> None:  # noqa: D102  as Surface's
        self._layer = None
        super().set_image(image)
