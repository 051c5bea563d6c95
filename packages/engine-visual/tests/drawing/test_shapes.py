"""What reaches out of an image is as if it were drawn on a larger one and cut out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_visual.drawing import Canvas
from engine_visual.drawing.markers import draw_marker
from engine_visual.drawing.shapes import (
    Ink,
    Pen,
    draw_box,
    draw_circle,
    draw_lines,
    draw_polygon,
)
from engine_visual.drawing.texts import TextStyle, draw_text

INK = Ink(color=(200, 0, 0), opacity=0.6)
AROUND = 70  # px more on each side
coordinate = st.floats(-60, 100)
point = st.tuples(coordinate, coordinate)


def canvases() -> tuple[Canvas, Canvas]:
    """40 x 30, and the same with more around it."""
    small, large = (30, 40), (30 + 2 * AROUND, 40 + 2 * AROUND)
    return tuple(Canvas(np.full((*size, 3), 255, np.uint8)) for size in (small, large))


def difference(small: Canvas, large: Canvas) -> np.ndarray:
    cut = large.pixels()[AROUND:-AROUND, AROUND:-AROUND].astype(int)
    return np.abs(cut - small.pixels())


@given(a=point, b=point, width=st.floats(0.3, 12), style=st.sampled_from(["-", "none"]))
def test_boxes(a: tuple[float, float], b: tuple[float, float], width: float, style: str) -> None:
    small, large = canvases()
    low, high = np.minimum(a, b), np.maximum(a, b)
    for canvas, shift in ((small, 0), (large, AROUND)):
        box = tuple(np.round(np.concatenate([low, high])) + shift)
        draw_box(canvas, box, Pen(ink=INK, width=width, style=style), face=INK)
    assert not difference(small, large).any()


@given(points=st.lists(point, min_size=2, max_size=4), width=st.floats(0.3, 12))
def test_lines(points: list[tuple[float, float]], width: float) -> None:
    small, large = canvases()
    draw_lines(small, np.array(points), Pen(ink=INK, width=width))
    draw_lines(large, np.array(points) + AROUND, Pen(ink=INK, width=width))
    assert difference(small, large).max() <= 2


@given(at=point, radius=st.floats(0, 60), width=st.floats(0.3, 12))
def test_circles(at: tuple[float, float], radius: float, width: float) -> None:
    small, large = canvases()
    for canvas, shift in ((small, 0), (large, AROUND)):
        circle = (at[0] + shift, at[1] + shift, radius)
        draw_circle(canvas, circle, Pen(ink=INK, width=width), face=INK)
    assert difference(small, large).max() <= 2


@given(points=st.lists(point, min_size=3, max_size=3))
def test_polygons(points: list[tuple[float, float]]) -> None:
    small, large = canvases()
    draw_polygon(small, np.array(points), None, face=INK)
    draw_polygon(large, np.array(points) + AROUND, None, face=INK)
    assert difference(small, large).mean() < 3  # Pillow rounds a cut edge on the finer grid


@given(at=point, sign=st.sampled_from(["o", "s", "*", "+"]), size=st.floats(1, 900))
def test_markers(at: tuple[float, float], sign: str, size: float) -> None:
    small, large = canvases()
    draw_marker(small, at, INK, sign=sign, size=size)
    draw_marker(large, (at[0] + AROUND, at[1] + AROUND), INK, sign=sign, size=size)
    assert difference(small, large).mean() < 3


# how much MMEngine 0.10.7 takes from (200, 200, 200) at 200 square points: two signs in red
TAKEN = {
    0: 28_880,
    4: 126_980,
    11: 126_801,
    (5, 1): 130_239,
    (5, 0, 30): 187_311,
    (5, 2): 84_768,
    "$a$": 165_019,
    ((0, 0), (1, 1), (1, 0)): 45_246,
}


@pytest.mark.parametrize("sign", TAKEN, ids=str)
def test_every_marker_of_matplotlib_is_drawn_as_large_as_by_mmengine(sign: object) -> None:
    canvas = Canvas(np.full((60, 80, 3), 200, np.uint8))
    for at in ((20, 20), (50, 40)):
        draw_marker(canvas, at, Ink(color=(255, 0, 0), opacity=1.0), sign=sign, size=200)
    taken = 60 * 80 * 3 * 200 - canvas.pixels().astype(int).sum()
    assert taken == pytest.approx(TAKEN[sign], rel=0.2)


@pytest.mark.parametrize("sign", ["Nonesuch", 12, ["o", "x"], (5,)], ids=str)
def test_what_is_no_marker_is_told(sign: object) -> None:
    canvas, _ = canvases()
    with pytest.raises(ValueError, match="is no marker; accepted: o"):
        draw_marker(canvas, (20, 20), INK, sign=sign, size=36)


@given(at=st.tuples(st.integers(-60, 100), st.integers(-60, 100)))
def test_texts(at: tuple[int, int]) -> None:
    small, large = canvases()
    style = TextStyle(ink=INK, size=12, horizontal="center")
    draw_text(small, "Text\ngj", at, style=style)
    draw_text(large, "Text\ngj", (at[0] + AROUND, at[1] + AROUND), style=style)
    assert not difference(small, large).any()


def test_a_dashed_line_to_far_away_has_its_dashes_within_the_image() -> None:
    canvas, _ = canvases()
    draw_lines(canvas, np.array([(-1e9, 15.0), (1e9, 15.0)]), Pen(ink=INK, style="--"))
    row = canvas.pixels()[15, :, 1]
    assert (row == 255).any() and (row < 255).any()


@pytest.mark.parametrize("width", [0, -1])
def test_a_line_of_no_width_is_none(width: float) -> None:
    canvas, _ = canvases()
    draw_lines(canvas, np.array([(0.0, 15.0), (40, 15)]), Pen(ink=INK, width=width))
    assert (canvas.pixels() == 255).all()
