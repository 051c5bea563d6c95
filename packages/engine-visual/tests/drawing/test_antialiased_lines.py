from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_visual.drawing.antialiased_lines import dash_pattern, dashes_of, segments_of, stroke

SIZE = (60, 40)


def whole(points: list[tuple[float, float]], width: float, **options: bool) -> np.ndarray:
    """Coverage of the whole image, 0 to 1."""
    covered, (x, y) = stroke(segments_of(np.array(points, float)), width, SIZE, **options)
    found = np.zeros(SIZE[::-1])
    found[y : y + covered.shape[0], x : x + covered.shape[1]] = covered / 255
    return found


def test_a_level_line_covers_its_width() -> None:
    found = whole([(10, 20), (50, 20)], 3, round_ends=False)
    assert found[18:23, 30].tolist() == [0, 1, 1, 1, 0]
    assert found.sum() == pytest.approx(40 * 3, abs=0.5)


def test_a_line_thinner_than_a_pixel_is_faint() -> None:
    assert whole([(10, 20), (50, 20)], 0.4)[20, 30] == pytest.approx(0.4, abs=0.01)


coordinate = st.tuples(st.floats(8, 50), st.floats(8, 32))


@given(a=coordinate, b=coordinate, width=st.floats(1, 6))
def test_what_a_line_covers_is_its_area(
    a: tuple[float, float], b: tuple[float, float], width: float
) -> None:
    length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
    area = length * width + np.pi * (width / 2) ** 2  # round ends
    assert whole([a, b], width).sum() == pytest.approx(area, rel=0.15, abs=1)


@given(
    points=st.lists(st.tuples(st.floats(-200, 260), st.floats(-200, 240)), min_size=2, max_size=5),
    width=st.floats(1, 30),
)
def test_what_lies_outside_changes_nothing_inside(
    points: list[tuple[float, float]], width: float
) -> None:
    """Against the distance to the segments, measured at every pixel."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    found = np.zeros(SIZE[::-1])
    for a, b in segments_of(np.array(points, float)):
        way = b - a
        part = ((x - a[0]) * way[0] + (y - a[1]) * way[1]) / max(float(way @ way), 1e-12)
        part = part.clip(0, 1)
        away = np.hypot(x - a[0] - part * way[0], y - a[1] - part * way[1])
        found = np.maximum(found, (width / 2 + 0.5 - away).clip(0, 1))
    assert np.abs(whole(points, width) - found).max() < 0.01


def test_a_line_to_far_away_is_drawn_at_once() -> None:
    found = whole([(-1e12, 20), (1e12, 20)], 1)
    assert (found[20] == 1).all() and found.sum() == SIZE[0]


def test_a_closed_line_comes_back() -> None:
    points = np.array([(0.0, 0), (1, 0), (1, 1)])
    assert len(segments_of(points)) == 2
    assert segments_of(points, closed=True)[-1].tolist() == [[1, 1], [0, 0]]


def test_dashes_go_around_corners() -> None:
    segments = segments_of(np.array([(0.0, 0), (10, 0), (10, 10)]))
    found = dashes_of(segments, (4.0, 4.0))
    assert found.tolist() == [
        [[0, 0], [4, 0]],
        [[8, 0], [10, 0]],
        [[10, 0], [10, 2]],
        [[10, 6], [10, 10]],
    ]


@pytest.mark.parametrize("style", ["-", "solid"])
def test_a_solid_line_has_no_dashes(style: str) -> None:
    assert dash_pattern(style) == ()


def test_styles_are_read() -> None:
    assert dash_pattern("--") == dash_pattern("dashed") != ()
    assert dash_pattern((0, (1, 2))) == (1.0, 2.0)
    assert dash_pattern("none") is None


@pytest.mark.parametrize("style", ["~", (0, (1, 2, 3)), (0, (1, 0)), 3])
def test_an_unknown_style_is_refused(style: object) -> None:
    with pytest.raises(ValueError, match="is no line style; accepted: -, solid"):
        dash_pattern(style)
