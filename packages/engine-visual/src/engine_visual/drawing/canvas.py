"""The pixels: what every drawing ends on.

Coordinates are pixels, x to the right and y down; whole numbers are the centres of pixels, so
pixel (0, 0) covers [-0.5, 0.5) in both. Colours have no opacity, which is given beside them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine_visual.drawing.colors import Color

TILE = 128  # px: larger coverages are painted tile by tile, where there is something to paint
AT_ONCE = 65536  # pixels copied in one go, while the processor has them at hand
_spare: list[Image.Image] = []  # of a canvas that is gone: fresh memory takes longer than drawing


class Canvas:
    """An RGB image that is drawn on; the array it is made from is copied.

    Args:
        pixels: (H, W, 3) uint8.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._image = _image_of(np.ascontiguousarray(pixels))
        self._draw = ImageDraw.Draw(self._image, "RGBA")
        self.width, self.height = self._image.size
        weakref.finalize(self, _keep, self._image).atexit = False

    def pixels(self) -> NDArray[np.uint8]:
        """A copy of the pixels, (H, W, 3) uint8."""
        copied = np.empty((self.height, self.width, 3), np.uint8)
        for y, band in _bands(copied):
            part = self._image.crop((0, y, self.width, y + len(band)))
            band[:] = np.frombuffer(part.tobytes(), np.uint8).reshape(band.shape)
        return copied

    def fill_box(self, box: tuple[int, int, int, int], rgba: tuple[int, int, int, int]) -> None:
        """Blend a colour over the pixels (left, top, right, bottom), the last two excluded."""
        left, top, right, bottom = box
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), rgba)

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
            tile = np.ascontiguousarray(tile) if opacity >= 1 else _dimmer(opacity)[tile]
            mask = Image.fromarray(tile)
            self._image.paste(color, (x + left + column, y + top + row), mask)

    def paste(
        self, mask: Image.Image, at: tuple[int, int], color: Color, *, opacity: float = 1
    ) -> None:
        """Blend ``color`` where ``mask`` (mode L) says; as `paint`, for what Pillow has made."""
        if opacity < 1:
            mask = mask.point(_dimmer(opacity).tolist())
        self._image.paste(color, at, mask)

    def copy_to(self, pixels: NDArray[np.uint8], at: tuple[int, int]) -> None:
        """Copy a part of the canvas to ``pixels`` (H, W, 4), contiguous ones, as opaque.

        Args:
            pixels: what is written to; black where it lies outside of the canvas.
            at: x and y of its first pixel.
        """
        opaque = np.array([0, 0, 0, 255], np.uint8).view(np.uint32)
        width = pixels.shape[1]
        for y, band in _bands(pixels):
            top = at[1] + y
            part = self._image.crop((at[0], top, at[0] + width, top + len(band)))
            words = np.frombuffer(part.tobytes("raw", "RGBX"), np.uint32).reshape(-1, width, 1)
            np.bitwise_or(words, opaque, out=band.view(np.uint32))

    def write(self, pixels: NDArray[np.uint8], at: tuple[int, int]) -> None:
        """Put back pixels (H, W, 4), whatever their fourth channel says, at ``at``."""
        for y, band in _bands(pixels):
            size = band.shape[1], band.shape[0]
            part = Image.frombuffer("RGB", size, band, "raw", "RGBX", 0, 1)
            self._image.paste(part, (at[0], at[1] + y))

    def overlay(self, layer: NDArray[np.uint8]) -> None:
        """Blend a picture (H, W, 4) of the canvas's size over it; its fourth channel is opacity."""
        picture = Image.fromarray(np.ascontiguousarray(layer[..., :3]))
        self._image.paste(picture, (0, 0), Image.fromarray(np.ascontiguousarray(layer[..., 3])))


def _image_of(pixels: NDArray[np.uint8]) -> Image.Image:
    """An image of contiguous pixels (H, W, 3), in the memory of the last canvas if it fits."""
    height, width = pixels.shape[:2]
    while _spare:
        with suppress(IndexError):  # another thread took it
            image = _spare.pop()
            if image.size == (width, height):
                image.frombytes(pixels.data)
                return image
    return Image.fromarray(pixels)


def _keep(image: Image.Image) -> None:
    _spare[:] = [image]


@lru_cache(maxsize=64)
def _dimmer(opacity: float) -> NDArray[np.uint8]:
    """Each of 0 to 255 times ``opacity``."""
    return np.asarray(np.rint(np.arange(256) * max(0.0, opacity)), np.uint8)


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


def _bands(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """The first row and the pixels of parts of some rows."""
    rows = max(1, AT_ONCE // max(1, pixels.shape[1]))
    for y in range(0, len(pixels), rows):
        yield y, pixels[y : y + rows]
