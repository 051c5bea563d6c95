"""Text as coverage: glyphs are rendered once for each font and put side by side from then on."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Glyph = tuple[NDArray[np.uint8], int, int]  # coverage; x and y of its corner from the origin
# what no font carries: permanently unassigned
_NOWHERE = "\U0010ffff"


class TextFont:
    """A font of one size that renders lines of text.

    Args:
        font: a scalable font of Pillow's.
    """

    def __init__(self, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise RuntimeError("this Pillow has no FreeType, so it can't render text; reinstall it")
        self._font = font
        self.ascent, self.descent = font.getmetrics()
        self._glyphs: dict[tuple[str, int], Glyph] = {}
        self._advances: dict[str, float] = {}
        self._carried: dict[str, bool] = {}

    def carries(self, text: str) -> bool:
        """Whether there is a glyph for every character."""
        return not self.missing(text)

    def missing(self, text: str) -> str:
        """The first character without a glyph; empty if there is none."""
        carried = self._carried
        for char in text:
            if char not in carried:
                carried[char] = char.isspace() or self._picture(char) != self._nothing
            if not carried[char]:
                return char
        return ""

    def length(self, line: str) -> int:
        """Width of ``line`` in pixels, from origin to origin."""
        if not _is_simple(line):
            return round(self._font.getlength(line))
        return round(sum(map(self._advance, line, [*line[1:], ""])))

    def render(self, line: str, outline: int = 0) -> Glyph:
        """Return ``line`` as coverage, and its corner's distance from the origin at the baseline.

        Args:
            line: text without line breaks.
            outline: pixels that every stroke is made thicker on each side.
        """
        if not _is_simple(line):
            return self._glyph(line, outline)
        at, placed = 0.0, []
        for char, following in zip(line, [*line[1:], ""], strict=True):
            glyph, x, y = self._glyph(char, outline)
            if glyph.size:
                placed.append((glyph, x + round(at), y))
            at += self._advance(char, following)
        return _join(placed)

    def _advance(self, char: str, following: str) -> float:
        """From the origin of ``char`` to that of what follows, with their kerning."""
        pair = char + following
        found = self._advances.get(pair)
        if found is None:
            found = self._font.getlength(pair)
            if following:
                found -= self._font.getlength(following)
            self._advances[pair] = found
        return found

    def _glyph(self, text: str, outline: int) -> Glyph:
        found = self._glyphs.get((text, outline))
        if found is None:
            left, top, right, bottom = map(
                round, self._font.getbbox(text, anchor="ls", stroke_width=outline)
            )
            picture = Image.new("L", (max(0, right - left), max(0, bottom - top)))
            if picture.width and picture.height:
                ImageDraw.Draw(picture).text(
                    (-left, -top), text, 255, self._font, "ls", stroke_width=outline
                )
            found = np.asarray(picture), left, top
            if len(text) == 1:  # whole lines are too many to be kept
                self._glyphs[text, outline] = found
        return found

    def _picture(self, char: str) -> bytes:
        coverage, x, y = self._glyph(char, 0)
        return repr((x, y, coverage.shape)).encode() + coverage.tobytes()

    @cached_property
    def _nothing(self) -> bytes:
        """What the font draws for a character that it doesn't carry."""
        return self._picture(_NOWHERE)


def _is_simple(line: str) -> bool:
    """Whether each character stands for itself, beside the one before: Latin and CJK do."""
    return line.isascii() or all(
        code < 0x300
        or 0x3000 <= code < 0xA000
        or 0xAC00 <= code < 0xD7A4
        or 0xFF00 <= code < 0xFFF0
        for code in map(ord, line)
    )


def _join(placed: list[Glyph]) -> Glyph:
    """One coverage of many."""
    if not placed:
        return np.zeros((0, 0), np.uint8), 0, 0
    left = min(x for _, x, _ in placed)
    top = min(y for _, _, y in placed)
    right = max(x + glyph.shape[1] for glyph, x, _ in placed)
    bottom = max(y + glyph.shape[0] for glyph, _, y in placed)
    joined = np.zeros((bottom - top, right - left), np.uint8)
    for glyph, x, y in placed:
        rows, columns = glyph.shape
        part = joined[y - top : y - top + rows, x - left : x - left + columns]
        np.maximum(part, glyph, out=part)
    return joined, left, top
