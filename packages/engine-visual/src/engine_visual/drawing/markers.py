"""The signs that points are drawn with: matplotlib's, filled and edged as MMEngine's are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.pens import POINT, Ink, Pen
from engine_visual.drawing.rasterizer import Points, Raster
from engine_visual.errors import StyleError

if TYPE_CHECKING:
    from matplotlib.markers import MarkerStyle

DEFAULT_SIZE = 36.0  # square points
# points: of a line along the outline, in the same colour
_EDGE = 1.0
_STROKE = 1.5  # where nothing is filled


def draw_markers(
    canvas: Canvas, points: Points, inks: Sequence[Ink | None], *, sign: Any, sizes: Sequence[float]
) -> None:
    """Draw points (n, 2), each in the middle of the pixel that it lies in.

    Args:
        canvas: where.
        points: x, y in pixels.
        inks: a colour for each; None draws nothing.
        sign: what matplotlib takes as a marker: a letter, a number, a tuple of corners, style and
            angle, ``$text$``, vertices.
        sizes: square points for each; the root is the diameter of a disc without its edge.

    Raises:
        ValueError: there is no such sign.
    """
    if not any(inks):
        return
    from matplotlib.transforms import Affine2D

    style = _style(sign)
    path = style.get_path().transformed(style.get_transform() + Affine2D().scale(1, -1))
    sides = np.sqrt(np.maximum(0.0, sizes)) * POINT
    reach = float(np.abs(path.vertices).max(initial=0)) * float(sides.max())
    looks = list(zip(inks, sides.tolist(), strict=True))
    width = _EDGE if style.is_filled() else _STROKE
    with Raster(canvas, points, reach + width * POINT) as raster:
        for (ink, side), run in groupby(range(len(looks)), key=looks.__getitem__):
            if ink:
                sized = path.transformed(Affine2D().scale(side))
                raster.stamp(sized, points[list(run)], Pen(ink=ink, width=width))


def _style(sign: Any) -> MarkerStyle:
    from matplotlib.markers import MarkerStyle

    try:
        return MarkerStyle(sign)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        names = [name for name in MarkerStyle.markers if isinstance(name, str)]
        known = " ".join(name for name in names if name.strip() and name.lower() != "none")
        message = f"{sign!r} is no marker; accepted: {known}, and what matplotlib takes"
        raise StyleError(message) from error
