"""What shapes are drawn with: colours with their opacity, and pens with a width and dashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine_visual.drawing.colors import Color, opaque
from engine_visual.errors import StyleError

POINT = 100 / 72  # px: widths and sizes are points at 100 dpi, as in MMEngine
# in widths of the line, on and off; those of matplotlib's default style
_PATTERNS = {
    "-": (),
    "solid": (),
    "--": (3.7, 1.6),
    "dashed": (3.7, 1.6),
    "-.": (6.4, 1.6, 1.0, 1.6),
    "dashdot": (6.4, 1.6, 1.0, 1.6),
    ":": (1.0, 1.65),
    "dotted": (1.0, 1.65),
}


@dataclass(frozen=True, kw_only=True)
class Ink:
    """A colour with its opacity (0 to 1)."""

    color: Color
    opacity: float

    @cached_property
    def rgba(self) -> tuple[int, int, int, int]:
        """As Pillow takes it, 0 to 255."""
        return opaque(self.color, self.opacity)

    @cached_property
    def fractions(self) -> tuple[float, float, float, float]:
        """As matplotlib takes it, 0 to 1."""
        red, green, blue = self.color
        return red / 255, green / 255, blue / 255, min(1.0, max(0.0, self.opacity))


@dataclass(frozen=True, kw_only=True)
class Pen:
    """What an edge is drawn with; ``width`` in points, ``style`` as matplotlib's."""

    ink: Ink
    width: float = 2
    style: object = "-"

    @property
    def pixels(self) -> float:
        """The width in pixels."""
        return self.width * POINT

    @cached_property
    def dashes(self) -> tuple[float, ...] | None:
        """Pixels on and off; () for a solid line, None for none at all.

        A line thinner than a pixel has the dashes of one that is as wide.
        """
        pattern = dash_pattern(self.style)
        if pattern is None or self.width <= 0 or self.ink.opacity <= 0:
            return None
        return tuple(n * max(1.0, self.pixels) for n in pattern)


def dash_pattern(style: object) -> tuple[float, ...] | None:
    """Lengths on and off of a line style, in widths of the line; () is solid, None is no line.

    Args:
        style: ``-``, ``--``, ``-.``, ``:``, their names, ``none``, or (offset, (on, off, ...)).

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(style, str):
        if style.strip().lower() in ("", "none"):
            return None
        if style in _PATTERNS:
            return _PATTERNS[style]
    elif isinstance(style, tuple) and len(style) == 2 and style[1]:
        lengths = tuple(float(n) for n in style[1])
        if len(lengths) % 2 == 0 and all(n > 0 for n in lengths):
            return lengths
    raise StyleError(f"{style!r} is no line style; accepted: {', '.join(_PATTERNS)}, none")
