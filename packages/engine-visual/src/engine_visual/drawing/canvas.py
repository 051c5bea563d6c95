"""The pixels: what every drawing ends on.

Coordinates are pixels, x to the right and y down; whole numbers are the centres of pixels, so
pixel (0, 0) covers [-0.5, 0.5) in both. Colours have no opacity, which is given beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine_visual.drawing.colors import Color, opaque

TILE = 128  # px: larger coverages are painted tile by tile, where there is something to paint
_RAMP = range(256)


class Canvas:
    """An RGB image that is drawn on; the array it is made from is copied.

    Args:
        pixels: (H, W, 3) uint8.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._image = Image.fromarray(np.ascontiguousarray(pixels))
        self._draw = ImageDraw.Draw(self._image, "RGBA")
        self.width, self.height = self._image.size

    def pixels(self) -> NDArray[np.uint8]:
        """A copy of the pixels, (H, W, 3) uint8."""
        return np.array(self._image)

    def fill_box(self, box: tuple[int, int, int, int], color: Color, opacity: float) -> None:
        """Blend ``color`` over the pixels (left, top, right, bottom), the last two excluded."""
        left, top, right, bottom = box
        if right > left and bottom > top:
            corners = (left, top, right - 1, bottom - 1)
            self._draw.rectangle(corners, fill=opaque(color, opacity))

    def paint(
        self, coverage: NDArray[np.uint8], at: tuple[int, int], color: Color, *, opacity: float = 1
    ) -> None:
        """Blend ``color`` where ``coverage`` (rows, columns; 255 is all of a pixel) says.

        Args:
            coverage: what part of each pixel is covered.
            at: (x, y) of its first pixel; it may lie outside.
            color: the colour.
            opacity: of the colour, 0 to 1.
        """
        x, y = at
        left, top = max(0, -x), max(0, -y)
        coverage = coverage[top : max(0, self.height - y), left : max(0, self.width - x)]
        for row, column, tile in _tiles(coverage):
            mask = Image.fromarray(np.ascontiguousarray(tile))
            if opacity < 1:
                mask = mask.point([round(c * opacity) for c in _RAMP])
            self._image.paste(color, (x + left + column, y + top + row), mask)


def _tiles(coverage: NDArray[np.uint8]) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    """(row, column, part) of the parts of ``coverage`` that are not all zero."""
    if coverage.size <= TILE * TILE:
        if coverage.size:
            yield 0, 0, coverage
        return
    for row in range(0, coverage.shape[0], TILE):
        band = coverage[row : row + TILE]
        used = np.asarray(band.any(axis=0))
        for column in range(0, coverage.shape[1], TILE):
            if used[column : column + TILE].any():
                yield row, column, band[:, column : column + TILE]
