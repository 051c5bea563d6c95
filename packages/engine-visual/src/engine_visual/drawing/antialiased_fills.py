"""Anti-aliased areas: how much of each pixel lies within a polygon, a disc or a ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine_visual.drawing.antialiased_lines import Coverage, Points

FINER = 4  # a polygon is filled on a grid that is finer by this factor
AT_ONCE = 4_000_000  # pixels of that grid filled in one go: bounds the memory


def fill_polygon(points: Points, size: tuple[int, int]) -> Coverage:
    """What the polygon through ``points`` covers of an image of ``size`` (width, height)."""
    points = _clip(points, size)
    if len(points) < 3:
        return np.zeros((0, 0), np.uint8), (0, 0)
    left, top = np.floor(points.min(axis=0) + 0.5).astype(int).clip(0)
    right, bottom = np.minimum(np.floor(points.max(axis=0) + 0.5).astype(int) + 1, size)
    width = int(right - left)
    bands = [np.zeros((0, max(0, width)), np.uint8)]
    if width > 0:
        step = max(1, AT_ONCE // (width * FINER**2))
        for y in range(int(top), int(bottom), step):
            grid = Image.new("L", (width * FINER, min(step, int(bottom) - y) * FINER))
            shifted = (points - (left, y) + 0.5) * FINER - 0.5
            ImageDraw.Draw(grid).polygon(shifted.reshape(-1).tolist(), fill=255)
            bands.append(np.asarray(grid.reduce(FINER)))
    return np.concatenate(bands), (int(left), int(top))


def fill_ring(
    centre: tuple[float, float], radii: tuple[float, float], size: tuple[int, int]
) -> Coverage:
    """What lies between two circles around ``centre``, in an image of ``size``.

    Args:
        centre: x, y in pixels.
        radii: the inner and the outer one in pixels; a negative inner one makes a disc.
        size: (width, height).
    """
    inner, outer = radii
    (x, y), reach = centre, outer + 1
    columns = np.arange(max(0, int(x - reach)), min(size[0], int(x + reach) + 2), dtype=np.float32)
    rows = np.arange(max(0, int(y - reach)), min(size[1], int(y + reach) + 2), dtype=np.float32)
    if not len(columns) or not len(rows):
        return np.zeros((0, 0), np.uint8), (0, 0)
    distance = np.hypot((columns - x)[None, :], (rows - y)[:, None])
    covered = (outer + 0.5 - distance).clip(0, 1)
    if inner >= 0:
        covered *= (distance - inner + 0.5).clip(0, 1)
    return np.rint(covered * 255).astype(np.uint8), (int(columns[0]), int(rows[0]))


def _clip(points: Points, size: tuple[int, int]) -> Points:
    """The part of the polygon inside of the image and some pixels around it.

    Sutherland and Hodgman's way: cut at one side after another.
    """
    for axis, limit in enumerate(size):
        for sign, bound in ((1.0, -8.0), (-1.0, -(limit + 8.0))):
            inside = sign * points[:, axis] >= bound
            if not inside.all():
                points = _cut(points, inside, (axis, bound * sign))
    return points


def _cut(points: Points, inside: NDArray[np.bool_], side: tuple[int, float]) -> Points:
    axis, at = side
    kept: list[Points] = []
    for i, (now, stays) in enumerate(zip(points, inside, strict=True)):
        before = points[i - 1]
        if stays != inside[i - 1]:
            part = (at - before[axis]) / (now[axis] - before[axis])
            kept.append(before + (now - before) * part)
        if stays:
            kept.append(now)
    return np.array(kept).reshape(-1, 2)
