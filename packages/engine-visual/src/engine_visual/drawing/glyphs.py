"""Text as masks: words are rendered once for each font and put side by side from then on."""

from __future__ import annotations

from functools import cached_property

from PIL import Image, ImageDraw, ImageFont

Mask = tuple[Image.Image, int, int]  # coverage in mode L; x and y of its corner from the origin
_WORDS = 4096  # kept for each font; labels repeat, so it is rarely reached
# what no font carries: permanently unassigned
_NOWHERE = "\U0010ffff"


class TextFont:
    """A font of one size that renders lines of text.

    Args:
        font: a scalable font of Pillow's.

    Raises:
        RuntimeError: this Pillow was built without FreeType.
    """

    def __init__(self, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise RuntimeError("this Pillow has no FreeType, so it can't render text; reinstall it")
        self._font = font
        self._words: dict[tuple[str, int], tuple[Mask, float]] = {}
        self._carried: dict[str, bool] = {}

    def missing(self, text: str) -> str:
        """The first character without a glyph; empty if there is none."""
        carried = self._carried
        for char in text:
            if char not in carried:
                carried[char] = char.isspace() or self._picture(char) != self._nothing
            if not carried[char]:
                return char
        return ""

    def render(self, line: str, outline: int = 0) -> tuple[list[Mask], int]:
        """Return masks that together are ``line``, and its width in pixels.

        The origin lies on the baseline, where the first character begins.

        Args:
            line: text without line breaks.
            outline: pixels that every stroke is made thicker on each side.
        """
        if not _is_simple(line):
            return [self._mask(line, outline)], round(self._font.getlength(line))
        at, placed = 0.0, []
        for word in line.split(" "):
            (mask, x, y), advance = self._words.get((word, outline)) or self._add(word, outline)
            if mask.width:
                placed.append((mask, x + round(at), y))
            at += advance + self._space
        return placed, round(at - self._space)

    def _add(self, word: str, outline: int) -> tuple[Mask, float]:
        if len(self._words) >= _WORDS:
            self._words.clear()
        found = self._mask(word, outline), self._font.getlength(word)
        self._words[word, outline] = found
        return found

    def _mask(self, text: str, outline: int) -> Mask:
        box = self._font.getbbox(text, anchor="ls", stroke_width=outline)
        left, top, right, bottom = map(round, box)
        mask = Image.new("L", (max(0, right - left), max(0, bottom - top)))
        if mask.width and mask.height:
            pen = ImageDraw.Draw(mask)
            pen.text((-left, -top), text, 255, self._font, "ls", stroke_width=outline)
        return mask, left, top

    @cached_property
    def _space(self) -> float:
        return self._font.getlength(" ")

    def _picture(self, char: str) -> tuple[object, ...]:
        mask, x, y = self._mask(char, 0)
        return mask.tobytes(), mask.size, x, y

    @cached_property
    def _nothing(self) -> tuple[object, ...]:
        """What the font draws for a character that it doesn't carry."""
        return self._picture(_NOWHERE)


def _is_simple(line: str) -> bool:
    """Whether words stand side by side, from left to right: in Latin and CJK they do."""
    return line.isascii() or all(
        code < 0x300
        or 0x3000 <= code < 0xA000
        or 0xAC00 <= code < 0xD7A4
        or 0xFF00 <= code < 0xFFF0
        for code in map(ord, line)
    )
