from __future__ import annotations

import itertools
import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_visual.curves import Curve
from engine_visual.report.chart import HEIGHT, POINTS, WIDTH, chart, thin, ticks

number = st.floats(-1e9, 1e9)


@given(ends=st.tuples(number, number).map(sorted))
def test_ticks_are_few_and_enclose_the_values(ends: list[float]) -> None:
    low, high = ends
    found = ticks(low, high)
    slack = 1e-6 * max(1e-300, found[-1] - found[0])
    assert 2 <= len(found) <= 8
    assert found[0] <= low + slack and high - slack <= found[-1]
    steps = [b - a for a, b in itertools.pairwise(found)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


def test_ticks_are_round() -> None:
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert ticks(3, 3)[0] < 3 < ticks(3, 3)[-1]


def test_thinning_keeps_peaks() -> None:
    points = [(float(i), 0.0) for i in range(10_000)]
    points[7777] = (7777.0, 9.0)
    found = thin(points)
    assert len(found) <= POINTS + 2 and (7777.0, 9.0) in found
    assert found == sorted(found)
    assert thin(points[:5]) == points[:5]


def test_a_curve_is_well_formed_svg_within_its_frame() -> None:
    values = [1.0, math.nan, 0.25, 0.5]
    svg = chart(Curve(key="<loss>", steps=[1, 2, 3, 4], values=values), unit="epoch", scale=1)
    tree = ElementTree.fromstring(svg)
    lines = [element.get("points", "") for element in tree.iter("polyline")]
    assert [len(line.split()) for line in lines] == [1, 2]  # the gap is not bridged
    for x, y in re.findall(r"([\d.]+),([\d.]+)", " ".join(lines)):
        assert 0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT
    (best,) = (element for element in tree.iter("circle") if element.get("class") == "best")
    assert f"{best.get('cx')},{best.get('cy')}" == lines[1].split()[0]


def test_one_value_is_a_dot_and_none_is_a_sentence() -> None:
    assert 'class="only"' in chart(Curve(key="a", steps=[3], values=[1.0]), unit="epoch", scale=1)
    nothing = chart(Curve(key="a", steps=[3], values=[math.inf]), unit="epoch", scale=1)
    assert nothing == '<p class="empty">a has no finite value</p>'
