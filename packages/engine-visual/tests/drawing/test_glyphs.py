from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from engine_visual.drawing.glyphs import TextFont

PILLOWS = ImageFont.load_default(18)


@pytest.fixture
def font() -> TextFont:
    return TextFont(PILLOWS)


@pytest.mark.parametrize("line", ["person: 97.3", "AVATAR to be", " a  b ", "", "f"])
@pytest.mark.parametrize("outline", [0, 2])
def test_words_side_by_side_are_what_pillow_draws(font: TextFont, line: str, outline: int) -> None:
    wanted = Image.new("L", (220, 50))
    pen = ImageDraw.Draw(wanted)
    pen.text((10, 30), line, 255, PILLOWS, "ls", stroke_width=outline)
    drawn = np.zeros((50, 220), np.uint8)
    masks, width = font.render(line, outline)
    for mask, x, y in masks:
        part = drawn[30 + y : 30 + y + mask.height, 10 + x : 10 + x + mask.width]
        np.maximum(part, np.asarray(mask), out=part)
    off = np.abs(drawn.astype(int) - np.asarray(wanted))
    assert (off > 64).mean() < 0.005  # glyphs stand on whole pixels
    assert abs(width - PILLOWS.getlength(line)) <= 1


def test_a_word_is_rendered_once(font: TextFont) -> None:
    (first,), _ = font.render("person")
    (again, _), _ = font.render("person: 9".replace(":", ""))
    assert again[0] is first[0]


def test_more_words_than_are_kept_change_nothing(
    font: TextFont, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine_visual.drawing.glyphs._WORDS", 3)
    widths = [font.render(str(n))[1] for n in range(20)]
    assert widths == [font.render(str(n))[1] for n in range(20)]


def test_scripts_that_join_letters_are_rendered_as_a_whole() -> None:
    from engine_visual.drawing import find_font

    masks, width = find_font("سلام", 18).render("سلام")
    assert len(masks) == 1 and width > 0


def test_a_font_that_does_not_scale_is_refused() -> None:
    with pytest.raises(RuntimeError, match="FreeType"):
        TextFont(ImageFont.ImageFont())
