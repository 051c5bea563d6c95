"""The signs that points are drawn with, named as matplotlib names them.

Those that are used most are drawn from tables; for all others matplotlib is asked for an outline.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_visual.drawing.antialiased_fills import fill_polygon, fill_ring
from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.shapes import POINT, Ink, Pen, draw_lines, draw_polygon
from engine_visual.errors import StyleError

Corners = tuple[tuple[float, float], ...]


def _star(tips: int, inner: float, turn: float = 0.0) -> Corners:
    """A star with ``tips``, or a regular polygon where ``inner`` is 1; its first tip is up."""
    found = []
    for i in range(2 * tips):
        radius = 0.5 if i % 2 == 0 else 0.5 * inner
        angle = math.radians(turn) + math.pi * (i / tips - 0.5)
        found.append((radius * math.cos(angle), radius * math.sin(angle)))
    return tuple(found if inner < 1 else found[::2])


_UP = ((0.0, -0.5), (0.5, 0.5), (-0.5, 0.5))
_DIAMOND = ((0.0, -0.7), (0.7, 0.0), (0.0, 0.7), (-0.7, 0.0))
# corners of areas, in sizes around the point
_AREAS: dict[str, Corners] = {
    "s": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "^": _UP,
    "v": tuple((x, -y) for x, y in _UP),
    "<": tuple((y, x) for x, y in _UP),
    ">": tuple((-y, x) for x, y in _UP),
    "D": _DIAMOND,
    "d": tuple((0.6 * x, y) for x, y in _DIAMOND),
    "*": _star(5, 0.382),
    "p": _star(5, 1.0),
    "h": _star(6, 1.0),
    "H": _star(6, 1.0, turn=30),
    "8": _star(8, 1.0, turn=22.5),
}
# ends of lines
_LINES: dict[str, tuple[Corners, ...]] = {
    "+": (((-0.5, 0.0), (0.5, 0.0)), ((0.0, -0.5), (0.0, 0.5))),
    "x": (((-0.5, -0.5), (0.5, 0.5)), ((-0.5, 0.5), (0.5, -0.5))),
    "|": (((0.0, -0.5), (0.0, 0.5)),),
    "_": (((-0.5, 0.0), (0.5, 0.0)),),
}
_DISCS = {"o": 1.0, ".": 0.5, ",": 0.0}  # and their size
_KNOWN = (*_DISCS, *_AREAS, *_LINES)
_LINE_WIDTH = 1.5  # points
DEFAULT_SIZE = 36.0  # square points


def draw_marker(
    canvas: Canvas, at: tuple[float, float], ink: Ink, *, sign: Any, size: float
) -> None:
    """Draw one point.

    Args:
        canvas: where.
        at: x, y in pixels.
        ink: its colour.
        sign: what matplotlib takes as a marker: a letter, a number, a tuple of corners, style and
            angle, ``$text$``, vertices.
        size: square points, as in matplotlib: a disc's diameter is the root of it.

    Raises:
        ValueError: there is no such sign.
    """
    side = math.sqrt(max(0.0, size)) * POINT
    if not isinstance(sign, str) or sign not in _KNOWN:
        _draw_outline(canvas, at, ink, lines=[line * side for line in _outlines(sign)])
    elif sign in _DISCS:
        radius = max(0.5, side / 2 * _DISCS[sign])
        covered, corner = fill_ring(at, (-1, radius), (canvas.width, canvas.height))
        canvas.paint(covered, corner, ink.color, opacity=ink.opacity)
    elif sign in _AREAS:
        draw_polygon(canvas, np.array(_AREAS[sign]) * side + at, None, face=ink)
    else:
        for ends in _LINES[sign]:
            draw_lines(canvas, np.array(ends) * side + at, Pen(ink=ink, width=_LINE_WIDTH))


def _outlines(sign: Any) -> list[NDArray[np.float64]]:
    """The lines (n, 2) around a sign of matplotlib, as in the tables above."""
    from matplotlib.markers import MarkerStyle  # only for what is not in the tables

    try:
        style = MarkerStyle(sign)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        known = " ".join(_KNOWN)
        message = f"{sign!r} is no marker; accepted: {known}, and what matplotlib takes"
        raise StyleError(message) from error
    path = style.get_path().transformed(style.get_transform())
    return [np.asarray(line) * (1, -1) for line in path.to_polygons(closed_only=False)]


def _draw_outline(
    canvas: Canvas, at: tuple[float, float], ink: Ink, *, lines: list[NDArray[np.float64]]
) -> None:
    """Fill what ``lines`` (n, 2) enclose, and draw them: so MMEngine's points look."""
    # lines that turn the other way round cut holes, as in letters
    total = np.zeros((canvas.height, canvas.width), np.int32)
    for line in lines:
        x, y = line.T
        turn = 1 if (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0 else -1
        covered, (left, top) = fill_polygon(line + at, (canvas.width, canvas.height))
        height, width = covered.shape
        total[top : top + height, left : left + width] += turn * covered.astype(np.int32)
    filled = np.abs(total).clip(0, 255).astype(np.uint8)
    canvas.paint(filled, (0, 0), ink.color, opacity=ink.opacity)
    for line in lines:
        draw_lines(canvas, line + at, Pen(ink=ink, width=_LINE_WIDTH))
