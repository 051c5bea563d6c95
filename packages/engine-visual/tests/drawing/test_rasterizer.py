"""What paths cover, against areas and distances worked out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine_visual.drawing import Canvas
from engine_visual.drawing.pens import POINT, Ink, Pen
from engine_visual.drawing.shapes import draw_circles, draw_lines, draw_polygons

SIZE = (60, 40)
WHITE = Ink(color=(255, 255, 255), opacity=1.0)
coordinate = st.tuples(st.floats(8, 50), st.floats(8, 32))


def black() -> Canvas:
    return Canvas(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))


def covered(canvas: Canvas) -> np.ndarray:
    """How much of each pixel is white, 0 to 1."""
    return canvas.pixels()[..., 0] / 255


def pen(width: float, style: object = "-") -> Pen:
    """One of ``width`` pixels."""
    return Pen(ink=WHITE, width=width / POINT, style=style)


def line(points: list[tuple[float, float]], width: float, style: object = "-") -> np.ndarray:
    canvas = black()
    draw_lines(canvas, [np.array(points, float)], [pen(width, style)])
    return covered(canvas)


def polygon(points: list[tuple[float, float]]) -> np.ndarray:
    canvas = black()
    draw_polygons(canvas, [np.array(points, float)], [None], faces=[WHITE])
    return covered(canvas)


def disc(x: float, y: float, radius: float) -> np.ndarray:
    canvas = black()
    draw_circles(canvas, np.array([[x, y, radius]]), [None], faces=[WHITE])
    return covered(canvas)


def test_a_level_line_covers_its_width() -> None:
    found = line([(10, 20), (50, 20)], 3)
    assert found[18:23, 30].tolist() == [0, 1, 1, 1, 0]


def test_a_line_thinner_than_a_pixel_is_faint() -> None:
    assert line([(10, 20), (50, 20)], 0.4)[20, 30] == pytest.approx(0.4, abs=0.01)


@given(a=coordinate, b=coordinate, width=st.floats(1, 6))
def test_what_a_line_covers_is_its_area(
    a: tuple[float, float], b: tuple[float, float], width: float
) -> None:
    length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
    assume(length > 0.01)  # one without a length isn't drawn, by MMEngine neither
    area = length * width + np.pi * (width / 2) ** 2  # round ends
    assert line([a, b], width).sum() == pytest.approx(area, rel=0.1, abs=1)


@given(
    points=st.lists(st.tuples(st.floats(-200, 260), st.floats(-200, 240)), min_size=2, max_size=5),
    width=st.floats(1, 30),
)
def test_what_lies_outside_changes_nothing_inside(
    points: list[tuple[float, float]], width: float
) -> None:
    """Against the distance to the segments, measured at every pixel."""
    assume(points[0] != points[-1] or len(points) > 2)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    away = np.full(SIZE[::-1], np.inf)
    for a, b in zip(np.array(points[:-1]), np.array(points[1:]), strict=True):
        way = b - a
        if float(way @ way) == 0:
            continue
        part = ((x - a[0]) * way[0] + (y - a[1]) * way[1]) / float(way @ way)
        part = part.clip(0, 1)
        away = np.minimum(away, np.hypot(x - a[0] - part * way[0], y - a[1] - part * way[1]))
    found = line(points, width)
    assert (found[away < width / 2 - 0.8] > 0.99).all()
    assert (found[away > width / 2 + 0.8] < 0.01).all()


def test_a_line_to_far_away_is_drawn_at_once() -> None:
    found = line([(-1e12, 20), (1e12, 20)], 1)
    assert (found[20] == 1).all() and found.sum() == SIZE[0]


def test_a_line_of_a_million_points_is_drawn() -> None:
    x = np.linspace(0, 59, 1_000_000)
    canvas = black()
    draw_lines(canvas, [np.stack([x, 20 + 15 * np.sin(x / 5)], axis=1)], [pen(2)])
    found = covered(canvas)
    assert (found.sum(axis=0) > 1.9).all() and found.sum(axis=0).max() < 8


def test_dashes_go_around_corners() -> None:
    found = line([(10, 10), (40, 10), (40, 30)], 2, (0, (4, 4)))  # in widths of the line
    assert found[10, 11:18].tolist() == [1] * 7 and not found[10, 19:26].any()
    assert found[13:19, 40].tolist() == [1] * 6 and not found[21:27, 40].any()


def test_a_polygon_is_cut_at_the_image() -> None:
    found = polygon([(-1e9, -1e9), (20, -1e9), (20, 1e9), (-1e9, 1e9)])
    assert found.sum() == pytest.approx(20.5 * 40, rel=0.01)
    assert not polygon([(-50, -50), (-10, -50), (-10, -10)]).any()


@given(corners=st.tuples(*[st.tuples(st.floats(2, 57), st.floats(2, 37))] * 3))
def test_a_triangles_area_is_right(corners: tuple[tuple[float, float], ...]) -> None:
    (ax, ay), (bx, by), (cx, cy) = corners
    right = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    around = sum(map(math.dist, corners, (*corners[1:], corners[0])))
    # each pixel of an edge is one of 256 levels
    assert polygon(list(corners)).sum() == pytest.approx(right, rel=0.01, abs=0.5 + around / 256)


def test_a_disc_is_round_and_lies_in_its_place() -> None:
    found = disc(30.3, 20.1, 10)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    assert found.sum() == pytest.approx(np.pi * 100, rel=0.005)
    assert (found * x).sum() / found.sum() == pytest.approx(30.3, abs=0.02)
    assert (found * y).sum() / found.sum() == pytest.approx(20.1, abs=0.02)
    assert not disc(200, 20, 10).any()


def test_a_ring_is_hollow() -> None:
    canvas = black()
    draw_circles(canvas, np.array([[30.0, 20, 9]]), [pen(2)], faces=[None])
    found = covered(canvas)
    assert found[20, 30] == 0 and found[20, 39] == 1
    assert found.sum() == pytest.approx(np.pi * (100 - 64), rel=0.005)


def test_what_overlaps_itself_is_blended_once() -> None:
    canvas = black()
    half = Pen(ink=Ink(color=(255, 255, 255), opacity=0.5), width=4)
    crossing = np.array([(10.0, 10), (50, 30), (50, 10), (10, 30)])
    draw_lines(canvas, [crossing], [half])
    assert canvas.pixels().max() in (127, 128)


def test_an_error_leaves_the_canvas_as_it_was() -> None:
    canvas = black()
    with pytest.raises(ValueError, match="zip"):
        draw_lines(canvas, [np.array([(5.0, 5), (50, 30)])], [pen(3), pen(3)])
    assert not canvas.pixels().any()
