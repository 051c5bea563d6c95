"""The image that is drawn on, and its size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_registry.overridable import overridable
from engine_visual.arrays import as_rgb
from engine_visual.drawing.canvas import Canvas
from engine_visual.errors import NoImageError

__all__ = ["Picture"]


class Picture:
    """An image that is drawn on.

    A subclass may keep image and size itself, as libraries' do: it assigns `_image`, `width`,
    `height` and `_default_font_size`, and what it assigns counts.

    Args:
        image: what `as_rgb` takes; it is copied.
    """

    def __init__(self, image: Any = None) -> None:
        self._canvas: Canvas | None = None
        self._given: NDArray[Any] | None = None
        self._warned: set[str] = set()
        if image is not None:
            self.set_image(image)

    def set_image(self, image: NDArray[Any]) -> None:
        """Begin to draw on a copy of ``image``.

        Args:
            image: RGB (H, W, 3), grey (H, W), or (C, H, W); uint8, or floats in [0, 1] or
                [0, 255]; an array or a tensor.

        Raises:
            ValueError: it has another shape, or values outside of these ranges.
        """
        pixels = as_rgb(image)
        for name in ("width", "height", "_default_font_size"):  # of another image
            vars(self).pop(name, None)
        self._image = pixels
        self._canvas = Canvas(pixels)

    def get_image(self) -> NDArray[np.uint8]:
        """A copy of the pixels as they are now, (H, W, 3) uint8 RGB.

        Raises:
            NoImageError: none has been set.
        """
        return self._current_canvas().pixels()

    @property
    def _image(self) -> NDArray[Any]:
        """The image that was set, without what was drawn on it; libraries' `set_image` set it."""
        if self._given is None:
            raise AttributeError("_image: there is none before set_image")
        return self._given

    @_image.setter
    def _image(self, image: NDArray[Any]) -> None:
        self._given, self._canvas = image, None

    def _current_canvas(self) -> Canvas:
        """What is drawn on; this class draws on it whatever is assigned to `canvas`."""
        if self._canvas is None:
            if self._given is None:
                raise NoImageError("there is no image to draw on; call set_image first")
            self._canvas = Canvas(as_rgb(self._given))
        return self._canvas

    @overridable
    def canvas(self) -> Canvas:
        """What is drawn on.

        Raises:
            NoImageError: no image has been set.
        """
        return self._current_canvas()

    @overridable
    def width(self) -> int:
        """Pixels of a row."""
        return self._current_canvas().width

    @overridable
    def height(self) -> int:
        """Pixels of a column."""
        return self._current_canvas().height

    @overridable
    def _default_font_size(self) -> int:
        """Points that suit the image's size; subclasses of MMEngine's world read it."""
        return max(10, int(math.sqrt(self.width * self.height)) // 90)
