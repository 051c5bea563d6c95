from __future__ import annotations

import pytest

from engine_visual.drawing.pens import Ink, Pen, dash_pattern


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


def test_dashes_grow_with_the_width_from_a_pixel_on() -> None:
    ink = Ink(color=(255, 0, 51), opacity=0.5)
    thin, wide = (Pen(ink=ink, width=72 / 100 * n, style=(0, (3, 1))) for n in (0.5, 2))
    assert thin.dashes == pytest.approx((3, 1)) and wide.dashes == pytest.approx((6, 2))
    assert ink.fractions == (1.0, 0.0, 0.2, 0.5)
