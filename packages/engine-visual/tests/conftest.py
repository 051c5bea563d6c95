from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from engine_visual import Visualizer
from engine_visual.drawing import fonts


@pytest.fixture
def make_font(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a font that carries the given characters, each of them a full block."""

    def make(characters: str) -> Path:
        names = [".notdef", "block"]
        pen = TTGlyphPen(None)
        for i, point in enumerate([(100, 0), (100, 800), (900, 800), (900, 0)]):
            (pen.lineTo if i else pen.moveTo)(point)
        pen.closePath()
        empty = TTGlyphPen(None).glyph()
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(char): "block" for char in characters})
        builder.setupGlyf({".notdef": empty, "block": pen.glyph()})
        builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
        builder.setupHorizontalHeader(ascent=900, descent=-100)
        builder.setupNameTable({"familyName": "Blocks", "styleName": "Regular"})
        builder.setupOS2()
        builder.setupPost()
        folder = tmp_path / "data" / "fonts"
        folder.mkdir(parents=True)
        builder.save(folder / "NotoSansCJK-Regular.ttf")
        return folder / "NotoSansCJK-Regular.ttf"

    return make


@pytest.fixture
def no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose font folders are empty, but for those of `make_font`."""
    monkeypatch.setattr(fonts, "font_folders", lambda: [tmp_path / "data" / "fonts"])
    fonts.candidates.cache_clear()
    yield
    fonts.candidates.cache_clear()


@pytest.fixture
def white() -> Visualizer:
    """A visualizer with a white image, 120 x 80."""
    return Visualizer(image=np.full((80, 120, 3), 255, np.uint8))
