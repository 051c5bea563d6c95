"""What reaches out of an image is as if it were drawn on a larger one and cut out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine_visual.drawing import Canvas
from engine_visual.drawing.markers import draw_markers
from engine_visual.drawing.pens import Ink, Pen
from engine_visual.drawing.shapes import draw_box, draw_circles, draw_lines, draw_polygons
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
    for canvas, shift in ((small, 0), (large, AROUND)):
        draw_lines(canvas, [np.array(points) + shift], [Pen(ink=INK, width=width)])
    # the inner side of a sharp corner depends on how long its lines are
    assert difference(small, large).mean() < 1


@example(at=(0.0, 1.5), radius=1e-12, width=3.0625)
@given(at=point, radius=st.floats(0, 60) | st.floats(0, 1e-6), width=st.floats(0.3, 12))
def test_circles(at: tuple[float, float], radius: float, width: float) -> None:
    small, large = canvases()
    for canvas, shift in ((small, 0), (large, AROUND)):
        circle = np.array([[at[0] + shift, at[1] + shift, radius]])
        draw_circles(canvas, circle, [Pen(ink=INK, width=width)], faces=[INK])
    assert difference(small, large).max() <= 2


@given(points=st.lists(point, min_size=3, max_size=3))
def test_polygons(points: list[tuple[float, float]]) -> None:
    small, large = canvases()
    for canvas, shift in ((small, 0), (large, AROUND)):
        draw_polygons(canvas, [np.array(points) + shift], [None], faces=[INK])
    assert difference(small, large).max() <= 2


@given(at=point, sign=st.sampled_from(["o", "s", "*", "+"]), size=st.floats(1, 900))
def test_markers(at: tuple[float, float], sign: str, size: float) -> None:
    small, large = canvases()
    for canvas, shift in ((small, 0), (large, AROUND)):
        # at a whole pixel: which one a half belongs to depends on the last bit
        draw_markers(canvas, np.round([at]) + shift, [INK], sign=sign, sizes=[size])
    assert difference(small, large).max() <= 2


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
    "o": 239_660,
    ".": 67_971,
    "s": 315_778,
    "*": 110_171,
    "x": 78_016,
    "+": 54_744,
    "D": 305_577,
    "|": 28_880,
}


@pytest.mark.parametrize("sign", TAKEN, ids=str)
def test_every_marker_of_matplotlib_is_drawn_as_large_as_by_mmengine(sign: object) -> None:
    canvas = Canvas(np.full((60, 80, 3), 200, np.uint8))
    points, ink = np.array([(20.0, 20), (50, 40)]), Ink(color=(255, 0, 0), opacity=1.0)
    draw_markers(canvas, points, [ink, ink], sign=sign, sizes=[200, 200])
    taken = 60 * 80 * 3 * 200 - canvas.pixels().astype(int).sum()
    assert taken == pytest.approx(TAKEN[sign], rel=0.07)


@pytest.mark.parametrize("sign", ["Nonesuch", 12, ["o", "x"], (5,)], ids=str)
def test_what_is_no_marker_is_told(sign: object) -> None:
    canvas, _ = canvases()
    with pytest.raises(ValueError, match=r"is no marker; accepted: \. , o"):
        draw_markers(canvas, np.array([(20.0, 20)]), [INK], sign=sign, sizes=[36])


@given(at=st.tuples(st.integers(-60, 100), st.integers(-60, 100)))
def test_texts(at: tuple[int, int]) -> None:
    small, large = canvases()
    style = TextStyle(ink=INK, size=12, horizontal="center")
    draw_text(small, "Text\ngj", at, style=style)
    draw_text(large, "Text\ngj", (at[0] + AROUND, at[1] + AROUND), style=style)
    assert not difference(small, large).any()


def test_a_dashed_line_to_far_away_has_its_dashes_within_the_image() -> None:
    canvas, _ = canvases()
    draw_lines(canvas, [np.array([(-1e9, 15.0), (1e9, 15.0)])], [Pen(ink=INK, style="--")])
    row = canvas.pixels()[15, :, 1]
    assert (row == 255).any() and (row < 255).any()


@pytest.mark.parametrize("width", [0, -1])
def test_a_line_of_no_width_is_none(width: float) -> None:
    canvas, _ = canvases()
    draw_lines(canvas, [np.array([(0.0, 15.0), (40, 15)])], [Pen(ink=INK, width=width)])
    assert (canvas.pixels() == 255).all()


@pytest.mark.parametrize("sign", ["o", ".", "s", "D", "x"])
def test_a_marker_is_centred_on_its_pixel(sign: str) -> None:
    canvas = Canvas(np.zeros((41, 41, 3), np.uint8))
    red = Ink(color=(255, 0, 0), opacity=1.0)
    points = np.array([(20.0, 20), (-500, 1e12)])  # and one that can't be seen
    draw_markers(canvas, points, [red, red], sign=sign, sizes=[36, 36])
    drawn = canvas.pixels()[..., 0].astype(float)
    y, x = np.mgrid[:41, :41]
    assert drawn.sum() > 0
    assert (drawn * x).sum() / drawn.sum() == pytest.approx(20, abs=0.01)
    assert (drawn * y).sum() / drawn.sum() == pytest.approx(20, abs=0.01)


def test_dashes_around_a_polygon_to_far_away_are_drawn_at_once() -> None:
    canvas, _ = canvases()
    huge = np.array([(-1e9, -1e9), (1e9, -1e9), (1e9, 15), (-1e9, 15)])
    draw_polygons(canvas, [huge], [Pen(ink=INK, style="--")], faces=[INK])
    assert len(np.unique(canvas.pixels()[15, :, 1])) > 1
