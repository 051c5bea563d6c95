"""Anti-aliased paths: filled, stroked and stamped by Agg, the rasteriser inside of matplotlib.

The part of a canvas that a call draws on is copied into Agg's buffer, everything is blended over
it there, and the part is put back: so a call costs two copies, and each element what Agg takes.

matplotlib is imported when the first raster is made; boxes, texts and masks do without.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.pens import Ink, Pen

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.path import Path

Points = NDArray[np.float64]  # (n, 2): x, y
WIDEST = 1024  # px: how far outside of the image the middle of a line still counts
_GRID = 128  # px: sizes of buffers are multiples of it, so that the next call may need the same
_spare: dict[tuple[int, int], Any] = {}  # the last renderer, by its size; fresh memory takes long


class Raster:
    """Agg's view of a part of a canvas, which gets it back when the ``with`` block ends.

    Args:
        canvas: what is drawn on.
        points: (n, 2), around everything that will be drawn.
        reach: pixels that something is drawn beyond them, such as half of a line's width.
    """

    def __init__(self, canvas: Canvas, points: Points, reach: float) -> None:
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.transforms import Affine2D

        around = math.ceil(min(WIDEST, reach)) + 1
        outside = 2 * around + 8  # cut further away, a line's corners are as if it were whole
        limits = np.array([canvas.width, canvas.height]) + outside
        low = np.floor((points.min(axis=0) - around).clip(-outside, limits)).astype(int)
        high = np.ceil((points.max(axis=0) + around).clip(-outside, limits)).astype(int) + 1
        self._far = bool((points < -WIDEST).any() or (points > limits + WIDEST).any())
        self._canvas, self._at = canvas, (int(low[0]), int(low[1]))
        width, height = (-(-int(n) // _GRID) * _GRID for n in high - low)
        self._size = width, height
        renderer: Any = RendererAgg  # untyped
        # at 72 dpi, where a point is a pixel
        self._renderer = _spare.pop(self._size, None) or renderer(*self._size, 72)
        self._pixels = np.asarray(self._renderer.buffer_rgba())  # (H, W, 4), Agg's own memory
        left, bottom = 0.5 - low[0], low[1] - 0.5 + self._size[1]
        self._placed = Affine2D(np.array([[1.0, 0, left], [0, -1.0, bottom], [0, 0, 1]]))
        self._contexts: dict[object, GraphicsContextBase] = {}

    def __enter__(self) -> Self:
        self._canvas.copy_to(self._pixels, self._at)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._canvas.write(self._pixels, self._at)
        _spare.clear()
        _spare[self._size] = self._renderer

    def draw(self, path: Path, edge: Pen | None, face: Ink | None) -> None:
        """Fill and stroke a path in pixels."""
        dashes = edge.dashes if edge else None
        color = face.fractions if face else None
        if edge is None or dashes is None:
            if color:
                self._renderer.draw_path(self._context(), path, self._placed, color)
            return
        context = self._context(edge.ink, edge.pixels, dashes)
        if color and (dashes or self._far):
            # Agg cuts lines to the image when it has nothing to fill: dashes to far away
            self._renderer.draw_path(self._context(), path, self._placed, color)
            color = None
        self._renderer.draw_path(context, path, self._placed, color)

    def stamp(self, path: Path, points: Points, pen: Pen) -> None:
        """Fill and stroke a path with its (0, 0) in the middle of the pixel at each of ``points``.

        What is along the grid of pixels is moved onto it, so it is sharp.
        """
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        # Agg rounds to the corners of pixels, and takes a whole number for the middle of one
        corners = self._placed + Affine2D().translate(-0.5, 0.5)
        context, color = self._context(pen.ink, pen.pixels, stamps=True), pen.ink.fractions
        down, at = Affine2D().scale(1, -1), Path(points)
        self._renderer.draw_markers(context, path, down, at, corners, color)

    def _context(
        self,
        ink: Ink | None = None,
        width: float = 0.0,
        dashes: tuple[float, ...] = (),
        *,
        stamps: bool = False,
    ) -> GraphicsContextBase:
        """matplotlib's settings of a line; without ink, of none."""
        from matplotlib.backend_bases import GraphicsContextBase

        key = (ink or Ink(color=(0, 0, 0), opacity=0.0), width, dashes, stamps)
        if key not in self._contexts:
            context = GraphicsContextBase()
            context.set_linewidth(width)
            context.set_foreground(key[0].fractions, isRGBA=True)
            context.set_snap(None if stamps else False)  # a line lies where it was said to
            context.set_capstyle("butt" if dashes or stamps else "round")
            if dashes:
                context.set_dashes(0, dashes)
            self._contexts[key] = context
        return self._contexts[key]
