from __future__ import annotations

import numpy as np
import pytest

from engine_visual.drawing.colors import contrast, each, each_color, palette, parse_color


@pytest.mark.parametrize(
    ("value", "color", "opacity"),
    [
        ("g", (0, 128, 0), 1),  # matplotlib's: half of green
        ("red", (255, 0, 0), 1),
        ("tab:blue", (31, 119, 180), 1),
        ("tab:grey", (127, 127, 127), 1),
        ("C11", (255, 127, 14), 1),
        ("#10203080", (16, 32, 48), 128 / 255),
        ("rgb(1, 2, 3)", (1, 2, 3), 1),
        ("0.5", (128, 128, 128), 1),
        ((255, 0, 10), (255, 0, 10), 1),
        ((1.0, 0, 0.5), (255, 0, 128), 1),
        ((1, 0, 0), (1, 0, 0), 1),
        ((255, 0, 0, 51), (255, 0, 0), 0.2),
        (np.array([1, 2, 3]), (1, 2, 3), 1),
    ],
)
def test_colours_are_read(value: object, color: tuple[int, ...], opacity: float) -> None:
    parsed = parse_color(value)
    assert parsed is not None
    assert parsed[0] == color and parsed[1] == pytest.approx(opacity)


@pytest.mark.parametrize("value", ["none", "None", "", None])
def test_none_is_no_colour(value: object) -> None:
    assert parse_color(value) is None


@pytest.mark.parametrize("value", ["rde", "#12", (1, 2), (256, 0, 0), (-1, 0, 0), "2.5"])
def test_what_is_no_colour_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is no colour"):
        parse_color(value)


def test_lists_are_cycled_and_everything_else_is_repeated() -> None:
    assert each([1, 2], 3) == [1, 2, 1]
    assert each((1, 2), 2) == [(1, 2), (1, 2)]
    assert each([], 0) == []
    with pytest.raises(ValueError, match="empty list was given for 2"):
        each([], 2)


def test_a_list_of_numbers_is_one_colour() -> None:
    red = ((255, 0, 0), 1.0)
    assert each_color([255, 0, 0], 2) == [red, red]
    assert each_color(["r", "none"], 3) == [red, None, red]
    assert each_color(np.array([[255, 0, 0], [0, 0, 255]]), 2) == [red, ((0, 0, 255), 1.0)]


def test_contrast_is_black_on_bright_and_white_on_dark() -> None:
    assert contrast((255, 255, 0)) == (0, 0, 0)
    assert contrast((0, 0, 255)) == (255, 255, 255)


def test_a_palettes_colours_differ_and_stay() -> None:
    colors = palette(64)
    assert len(set(colors)) == 64
    assert palette(10) == colors[:10]
