"""Boxes, lines, polygons, circles and markers on a canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine_visual.drawing.antialiased_fills import fill_polygon, fill_ring
from engine_visual.drawing.antialiased_lines import (
    Points,
    cut_to,
    dash_pattern,
    dashes_of,
    segments_of,
    stroke,
)
from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.colors import Color, opaque

POINT = 100 / 72  # px: widths and sizes are points at 100 dpi, as in MMEngine


@dataclass(frozen=True, kw_only=True)
class Ink:
    """A colour with its opacity (0 to 1)."""

    color: Color
    opacity: float

    @cached_property
    def rgba(self) -> tuple[int, int, int, int]:
        """As Pillow takes it, 0 to 255."""
        return opaque(self.color, self.opacity)


@dataclass(frozen=True, kw_only=True)
class Pen:
    """What an edge is drawn with; ``width`` in points, ``style`` as matplotlib's."""

    ink: Ink
    width: float = 2
    style: object = "-"

    @property
    def pixels(self) -> float:
        """The width in pixels."""
        return self.width * POINT

    @cached_property
    def dashes(self) -> tuple[float, ...] | None:
        """Pixels on and off; () for a solid line, None for none at all.

        A line thinner than a pixel has the dashes of one that is as wide.
        """
        pattern = dash_pattern(self.style)
        if pattern is None or self.width <= 0 or self.ink.opacity <= 0:
            return None
        return tuple(n * max(1.0, self.pixels) for n in pattern)


def draw_box(
    canvas: Canvas, box: tuple[float, float, float, float], edge: Pen | None, *, face: Ink | None
) -> None:
    """Draw a box along the pixels' grid; edges are whole pixels wide, so they stay sharp."""
    x1, y1, x2, y2 = box
    if face:
        corners = (_near(x1), _near(y1), _near(x2) + 1, _near(y2) + 1)
        canvas.fill_box(corners, face.rgba)
    dashes = edge.dashes if edge else None
    if edge is None or dashes is None:
        return
    if dashes:
        draw_lines(canvas, np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]), edge, closed=True)
        return
    width = max(1, round(edge.pixels))
    before = (width - 1) // 2
    left, top, right, bottom = (_near(n) - before for n in box)
    inner_top, inner_bottom = top + width, max(bottom, top + width)
    inner_right = max(right, left + width)
    for part in (
        (left, top, right + width, inner_top),
        (left, inner_bottom, right + width, bottom + width),
        (left, inner_top, left + width, inner_bottom),
        (inner_right, inner_top, right + width, inner_bottom),
    ):
        canvas.fill_box(part, edge.ink.rgba)


def _near(value: float) -> int:
    return math.floor(min(1e6, max(-1e6, value)) + 0.5)


def draw_lines(canvas: Canvas, points: Points, edge: Pen, *, closed: bool = False) -> None:
    """Draw from point to point (n, 2), and from the last to the first if ``closed``."""
    dashes = edge.dashes
    if dashes is None:
        return
    size = (canvas.width, canvas.height)
    segments = segments_of(points, closed=closed)
    if dashes:
        segments = dashes_of(cut_to(segments, size, margin=edge.pixels + 2), dashes)
    covered, at = stroke(segments, edge.pixels, size, round_ends=not dashes)
    canvas.paint(covered, at, edge.ink.color, opacity=edge.ink.opacity)


def draw_polygon(canvas: Canvas, points: Points, edge: Pen | None, *, face: Ink | None) -> None:
    """Draw the polygon through ``points`` (n, 2)."""
    if face:
        covered, at = fill_polygon(points, (canvas.width, canvas.height))
        canvas.paint(covered, at, face.color, opacity=face.opacity)
    if edge:
        draw_lines(canvas, points, edge, closed=True)


def draw_circle(
    canvas: Canvas, circle: tuple[float, float, float], edge: Pen | None, *, face: Ink | None
) -> None:
    """Draw a circle: its centre's x and y, and its radius, in pixels."""
    x, y, radius = circle
    size = (canvas.width, canvas.height)
    if face:
        covered, at = fill_ring((x, y), (-1, radius), size)
        canvas.paint(covered, at, face.color, opacity=face.opacity)
    dashes = edge.dashes if edge else None
    if edge is None or dashes is None:
        return
    if dashes:
        turns = np.linspace(0, 2 * math.pi, max(16, min(720, round(radius * 2))), endpoint=False)
        ring = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], axis=1)
        draw_lines(canvas, ring, edge, closed=True)
        return
    half = edge.pixels / 2
    covered, at = fill_ring((x, y), (radius - half, radius + half), size)
    canvas.paint(covered, at, edge.ink.color, opacity=edge.ink.opacity)
