"""Labels in several scripts: a font for each run of characters, and a box for what none has."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine_visual import Visualizer
from engine_visual.drawing import mixed_text
from engine_visual.drawing.fonts import find_font
from engine_visual.drawing.mixed_text import MixedText, fonts_for


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mixed_text, "_told", set())
    mixed_text._font_of_char.cache_clear()
    yield
    mixed_text._font_of_char.cache_clear()


def test_a_label_of_one_script_has_one_font(no_fonts: None) -> None:
    assert fonts_for("cat 0.95", 16) is find_font("cat 0.95", 16)


def test_each_run_has_the_font_that_carries_it(
    no_fonts: None, make_font: Callable[[str], Path]
) -> None:
    make_font("猫")  # that and nothing else: no font carries the whole label
    font = fonts_for("猫 0.95", 20)
    assert isinstance(font, MixedText)
    masks, width = font.render("猫 0.95")
    cat, rest = find_font("猫", 20).render("猫"), find_font(" 0.95", 20).render(" 0.95")
    assert width == cat[1] + rest[1]
    assert len(masks) == len(cat[0]) + len(rest[0])


def test_what_no_font_has_is_a_box_and_one_warning(no_fonts: None) -> None:
    with pytest.warns(UserWarning, match=r"carries '猫' \(U\+732B\): a box is drawn"):
        font = fonts_for("猫 cat", 20)
    (box, *_), width = font.render("猫 cat")
    mask = np.asarray(box[0])
    assert mask[0].all()
    assert mask[:, 0].all()
    assert not mask[2:-2, 2:-2].any()
    assert width > find_font(" cat", 20).render(" cat")[1] + box[0].width
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fonts_for("猫 dog", 20)


def test_marks_and_joiners_stay_with_the_character_before_them(no_fonts: None) -> None:
    with pytest.warns(UserWarning, match="'猫'"):
        font = fonts_for("猫e\u0301\ufe0f", 20)
    assert isinstance(font, MixedText)
    assert font.render("e\u0301\ufe0f")[1] > 0


def test_a_picture_shows_the_whole_label(no_fonts: None) -> None:
    visualizer = Visualizer()
    visualizer.set_image(np.full((40, 120, 3), 255, np.uint8))
    with pytest.warns(UserWarning, match="a box is drawn"):
        visualizer.draw_texts("猫 0.95", np.array([5, 5]), font_sizes=16, colors="k")
    dark = (visualizer.get_image() < 100).any(axis=(0, 2))
    assert dark[5:15].any()  # the box
    assert dark[30:60].any()  # the number
