from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_visual.drawing import antialiased_fills
from engine_visual.drawing.antialiased_fills import fill_polygon, fill_ring

SIZE = (60, 40)


def area(covered: np.ndarray) -> float:
    return float(covered.sum()) / 255


def test_a_discs_area_is_right() -> None:
    covered, at = fill_ring((30.3, 20.1), (-1, 10), SIZE)
    assert area(covered) == pytest.approx(np.pi * 100, rel=0.01)
    assert at == (19, 9)


def test_a_ring_is_hollow() -> None:
    covered, (x, y) = fill_ring((30, 20), (8, 10), SIZE)
    assert covered[20 - y, 30 - x] == 0 and covered[20 - y, 39 - x] == 255
    assert area(covered) == pytest.approx(np.pi * (100 - 64), rel=0.01)


def test_what_lies_beside_the_image_is_empty() -> None:
    assert fill_ring((200, 20), (-1, 10), SIZE)[0].size == 0
    triangle = np.array([(-50.0, -50), (-10, -50), (-10, -10)])
    assert fill_polygon(triangle, SIZE)[0].sum() == 0


def test_a_polygon_is_cut_at_the_image() -> None:
    square = np.array([(-1e9, -1e9), (20, -1e9), (20, 1e9), (-1e9, 1e9)])
    covered, at = fill_polygon(square, SIZE)
    assert at == (0, 0)
    assert area(covered) == pytest.approx(20.5 * 40, rel=0.02)


@given(
    corners=st.tuples(*[st.tuples(st.floats(2, 57), st.floats(2, 37))] * 3),
)
def test_a_triangles_area_is_right(corners: tuple[tuple[float, float], ...]) -> None:
    (ax, ay), (bx, by), (cx, cy) = corners
    right = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    around = sum(np.hypot(*(np.subtract(corners[i], corners[i - 1]))) for i in range(3))
    covered, _ = fill_polygon(np.array(corners), SIZE)
    # an edge belongs to the triangle on the finer grid: an eighth of a pixel all around
    assert area(covered) == pytest.approx(right, abs=0.25 * around + 0.6)


def test_bands_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    diamond = np.array([(30.0, 3), (57, 20), (30, 37), (3, 20)])
    at_once, _ = fill_polygon(diamond, SIZE)
    monkeypatch.setattr(antialiased_fills, "AT_ONCE", 55 * 16 * 7)
    in_bands, _ = fill_polygon(diamond, SIZE)
    off = np.abs(at_once.astype(int) - in_bands)
    assert off.max() <= 64 and off.mean() < 1  # a seam would be half of a pixel or more
