"""Lines of text in several scripts: a font for each run of characters, a box for what none has."""

from __future__ import annotations

import unicodedata
import warnings
from functools import lru_cache
from itertools import groupby

from PIL import Image, ImageDraw

from engine_visual.drawing.fonts import advice, candidates, find_font, load_font, primary_font
from engine_visual.drawing.glyphs import Mask, TextFont
from engine_visual.errors import MissingGlyphError

__all__ = ["MixedText", "fonts_for"]

_told: set[str] = set()  # characters that were warned of


class MixedText:
    """Renders lines as `TextFont` does, with a font for each character.

    Args:
        pixels: the size, of the em square.
        font_of: the font of each character; None where there is none.
        first: the font that is asked first.
    """

    def __init__(
        self, pixels: int, font_of: dict[str, TextFont | None], *, first: TextFont
    ) -> None:
        self._pixels, self._font_of, self._first = pixels, font_of, first

    def render(self, line: str, outline: int = 0) -> tuple[list[Mask], int]:
        """Return masks that together are ``line``, and its width; see `TextFont.render`."""
        at, placed = 0, []
        for font, chars in groupby(line, lambda char: self._font_of.get(char, self._first)):
            run = "".join(chars)
            if font is None:
                masks, width = self._boxes(len(run), outline)
            else:
                masks, width = font.render(run, outline)
            placed += [(mask, x + at, y) for mask, x, y in masks]
            at += width
        return placed, at

    def _boxes(self, number: int, outline: int) -> tuple[list[Mask], int]:
        width, height = max(3, round(self._pixels * 0.55)), max(4, round(self._pixels * 0.75))
        thick = max(1, self._pixels // 16) + 2 * outline
        mask = Image.new("L", (width - 1 + 2 * outline, height + 2 * outline))
        pen = ImageDraw.Draw(mask)
        pen.rectangle((0, 0, mask.width - 1, mask.height - 1), outline=255, width=thick)
        step = width + 1
        return [(mask, i * step - outline, -height - outline) for i in range(number)], number * step


def fonts_for(text: str, pixels: int, *, family: str = "sans-serif") -> TextFont | MixedText:
    """Return what renders all of ``text``: one font if there is such, else one for each run.

    What no font of the machine carries becomes a box, and is warned of once.
    """
    try:
        return find_font(text, pixels, family=family)
    except MissingGlyphError:
        pass
    first = primary_font(family, pixels)
    found: dict[str, TextFont | None] = {}
    for before, char in zip(" " + text, text, strict=False):
        beside = found.get(before)
        if char.isspace():
            found[char] = first
        elif unicodedata.category(char) in ("Mn", "Me", "Cf"):
            found[char] = beside or first  # it belongs to what is before it
        else:
            found[char] = _font_of_char(char, pixels, family)
    lacking = "".join(sorted(c for c, font in found.items() if font is None and c not in _told))
    if lacking:
        _told.update(lacking)
        codes = ", ".join(f"U+{ord(char):04X}" for char in lacking[:8])
        warnings.warn(
            f"no font of this machine carries {lacking[:8]!r} ({codes}): a box is drawn in place "
            f"of each. {advice()}, or give the path of a font file as font_families",
            stacklevel=4,
        )
    return MixedText(pixels, found, first=first)


@lru_cache(maxsize=4096)
def _font_of_char(char: str, pixels: int, family: str) -> TextFont | None:
    first = primary_font(family, pixels)
    others = (load_font(path, pixels) for path in candidates())
    return next((font for font in (first, *others) if font and not font.missing(char)), None)
