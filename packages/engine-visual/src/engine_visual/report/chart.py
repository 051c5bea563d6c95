"""A curve as SVG, small enough to stand in a page: axes, line, best value."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape

from engine_visual.curves import Curve

WIDTH, HEIGHT = 420, 220  # px
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 34  # px around the plot
POINTS = 600  # of a line; what is longer is thinned


def chart(curve: Curve, *, unit: str, scale: float) -> str:
    """Return ``curve`` as an ``<svg>`` element.

    The points stand in its ``data-points`` as well, for the page's script.

    Args:
        curve: values that aren't finite leave gaps.
        unit: name of the horizontal axis.
        scale: iterations of one unit.
    """
    points = [(step / scale, value) for step, value in zip(curve.steps, curve.values, strict=True)]
    finite = [point for point in points if math.isfinite(point[1])]
    if not finite:
        return f'<p class="empty">{escape(curve.key)} has no finite value</p>'
    first, last = finite[0][0], finite[-1][0]
    y_ticks = ticks(min(y for _, y in finite), max(y for _, y in finite))
    place = _Place((first, last if last > first else first + 1), (y_ticks[0], y_ticks[-1]))
    x_ticks = [tick for tick in ticks(first, last) if first <= tick <= last]
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(curve.key)}" '
        f"data-points='{json.dumps([[_short(n) for n in place(p) + p] for p in thin(finite)])}'>",
        *_grid(place, x_ticks, y_ticks),
        f'<text class="unit" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}">{escape(unit)}</text>',
    ]
    for line in _unbroken(points):
        drawn = " ".join(f"{_short(x)},{_short(y)}" for x, y in map(place, thin(line)))
        parts.append(f'<polyline points="{drawn}"/>')
    best = curve.best()
    if best is not None and len(finite) > 1:
        x, y = place(points[best])
        parts.append(f'<circle class="best" cx="{_short(x)}" cy="{_short(y)}" r="4"/>')
    elif len(finite) == 1:
        x, y = place(finite[0])
        parts.append(f'<circle class="only" cx="{_short(x)}" cy="{_short(y)}" r="3"/>')
    return "".join([*parts, "</svg>"])


class _Place:
    """From a value to where it lies in the picture."""

    def __init__(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        self.x0, self.x1 = across
        self.y0, self.y1 = up

    def __call__(self, point: tuple[float, float]) -> tuple[float, float]:
        across = (point[0] - self.x0) / (self.x1 - self.x0)
        up = (point[1] - self.y0) / (self.y1 - self.y0)
        width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return LEFT + across * width, HEIGHT - BOTTOM - up * height


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers, evenly apart, from at most ``low`` to at least ``high``; two or more."""
    reach = max(abs(low), abs(high))
    if high - low <= 1e-12 * max(reach, 1e-280):  # the same, as far as is seen
        half = (reach if reach > 1e-280 else 1.0) / 2
        low, high = low - half, high + half
    span = high - low
    rough = span / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, max(last, first + 1) + 1)]


def thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most `POINTS` of ``points``: the lowest and the highest of each stretch, so peaks stay."""
    if len(points) <= POINTS:
        return list(points)
    found = []
    stretch = math.ceil(len(points) / (POINTS // 2))
    for i in range(0, len(points), stretch):
        some = points[i : i + stretch]
        extremes = {min(some, key=lambda p: p[1]), max(some, key=lambda p: p[1])}
        found += sorted(extremes)
    return found


def _unbroken(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The stretches between values that aren't finite."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return [line for line in found if line]


def _grid(place: _Place, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> list[str]:
    parts = []
    for tick in y_ticks:
        y = _short(place((place.x0, tick))[1])
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="y" x="{LEFT - 6}" y="{y}">{tick:.4g}</text>')
    for tick in x_ticks:
        x = _short(place((tick, place.y0))[0])
        parts.append(f'<text class="x" x="{x}" y="{HEIGHT - BOTTOM + 15}">{tick:.6g}</text>')
    return parts


def _short(value: float) -> float:
    return float(f"{value:.6g}")
