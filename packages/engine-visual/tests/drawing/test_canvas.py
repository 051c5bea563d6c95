from __future__ import annotations

import numpy as np
import pytest

from engine_visual.drawing import Canvas
from engine_visual.drawing.pens import Ink
from engine_visual.drawing.shapes import draw_circles

RED = (255, 0, 0)


@pytest.fixture
def canvas() -> Canvas:
    return Canvas(np.zeros((200, 300, 3), np.uint8))


def test_the_given_pixels_are_copied() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    canvas = Canvas(pixels)
    canvas.fill_box((0, 0, 2, 2), (*RED, 255))
    canvas.pixels()[:] = 7
    assert not pixels.any()
    assert canvas.pixels()[..., 0].tolist() == [[255, 255, 0, 0, 0, 0]] * 2 + [[0] * 6] * 2


def test_boxes_are_blended_and_cut_off(canvas: Canvas) -> None:
    canvas.fill_box((-5, -5, 2, 3), (*RED, 51))
    canvas.fill_box((5, 5, 5, 9), (*RED, 255))  # empty
    red = canvas.pixels()[..., 0]
    assert (red[:3, :2] == 51).all() and red.sum() == 6 * 51


@pytest.mark.parametrize("at", [(10, 20), (-40, -60), (280, 190), (-10, 150)])
@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_coverage_is_painted_where_it_lies(
    canvas: Canvas, at: tuple[int, int], opacity: float
) -> None:
    rng = np.random.default_rng(0)
    coverage = rng.integers(0, 256, (150, 170), dtype=np.uint8)  # larger than a tile
    coverage[30:140, 10:150] = 0
    canvas.paint(coverage, at, RED, opacity=opacity)
    wanted = np.zeros((500, 600), np.uint8)
    wanted[at[1] + 100 : at[1] + 250, at[0] + 100 : at[0] + 270] = coverage
    off = canvas.pixels()[..., 0].astype(float) - wanted[100:300, 100:400] * opacity
    assert np.abs(off).max() <= 1


@pytest.mark.parametrize("at", [(400, 0), (0, 300), (-500, 0), (0, -500)])
def test_coverage_beside_the_image_paints_nothing(canvas: Canvas, at: tuple[int, int]) -> None:
    canvas.paint(np.full((50, 50), 255, np.uint8), at, RED)
    assert not canvas.pixels().any()


def test_a_canvas_has_the_memory_of_one_that_is_gone_and_nothing_of_it() -> None:
    made = [np.full((300, 400, 3), value, np.uint8) for value in (1, 2, 3)]
    first = Canvas(made[0])
    draw_circles(first, np.array([[9.0, 9, 5]]), [None], faces=[Ink(color=RED, opacity=1)])
    kept = first.pixels()
    del first
    second, third = Canvas(made[1]), Canvas(made[2])
    assert (second.pixels() == 2).all() and (third.pixels() == 3).all()
    draw_circles(second, np.array([[9.0, 9, 5]]), [None], faces=[Ink(color=RED, opacity=1)])
    drawn = second.pixels()
    assert (drawn != 2).any(axis=2).tolist() == (kept != 1).any(axis=2).tolist()
    assert (third.pixels() == 3).all()
