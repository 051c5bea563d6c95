"""Boxes, lines, polygons and circles on a canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.pens import Ink, Pen
from engine_visual.drawing.rasterizer import Points, Raster


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
        corners_ = np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])
        draw_polygons(canvas, [corners_], [edge], faces=[None])
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


def draw_lines(canvas: Canvas, lines: Sequence[Points], edges: Sequence[Pen | None]) -> None:
    """Draw through the points (n, 2) of each line with its pen."""
    if not any(edges):
        return
    from matplotlib.path import Path

    with Raster(canvas, np.concatenate(lines), reach_of(edges)) as raster:
        for points, edge in zip(lines, edges, strict=True):
            if edge:
                raster.draw(Path(points), edge, None)


def draw_polygons(
    canvas: Canvas,
    polygons: Sequence[Points],
    edges: Sequence[Pen | None],
    *,
    faces: Sequence[Ink | None],
) -> None:
    """Draw the polygon through each of the points (n, 2)."""
    if not any(edges) and not any(faces):
        return
    from matplotlib.path import Path

    with Raster(canvas, np.concatenate(polygons), reach_of(edges)) as raster:
        for points, edge, face in zip(polygons, edges, faces, strict=True):
            if edge or face:
                ring = np.concatenate([points, points[:1]])
                raster.draw(Path(ring, closed=True), edge, face)


_POINT = 1e-3  # px


def draw_circles(
    canvas: Canvas, circles: Points, edges: Sequence[Pen | None], *, faces: Sequence[Ink | None]
) -> None:
    """Draw circles (n, 3): x and y of the centre, and the radius, in pixels."""
    if not any(edges) and not any(faces):
        return
    from matplotlib.path import Path

    centres, radii = circles[:, :2], circles[:, 2:]
    around = np.concatenate([centres - radii, centres + radii])
    unit = Path.unit_circle()
    with Raster(canvas, around, reach_of(edges)) as raster:
        for circle, edge, face in zip(circles, edges, faces, strict=True):
            if edge or face:
                # a point's curves are as far apart as their last bits: its edge would be of them
                radius: Any = circle[2] if abs(circle[2]) > _POINT else _POINT
                curves = unit.vertices * radius + circle[:2]
                raster.draw(Path(curves, unit.codes), edge, face)


def reach_of(edges: Sequence[Pen | None]) -> float:
    """How far the widest of ``edges`` reaches beyond its path, in pixels."""
    return max((edge.pixels / 2 for edge in edges if edge), default=0.0) + 1
