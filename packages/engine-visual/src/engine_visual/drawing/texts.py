"""Text on a canvas, readable whatever lies below: in a box, or with an outline that contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.colors import contrast, parse_color
from engine_visual.drawing.glyphs import Mask
from engine_visual.drawing.mixed_text import fonts_for
from engine_visual.drawing.pens import POINT, Ink, Pen
from engine_visual.drawing.rasterizer import Points
from engine_visual.drawing.shapes import draw_box, draw_polygons

VERTICAL = ("top", "center", "bottom", "baseline")
HORIZONTAL = ("left", "center", "right")
_TALL = "lp"  # the letters that a line leaves room for
_LINE_SPACING = 1.2
_SHORT = {"fc": "facecolor", "ec": "edgecolor", "lw": "linewidth", "ls": "linestyle"}
_KNOWN = ("facecolor", "edgecolor", "color", "alpha", "pad", "linewidth", "linestyle", "boxstyle")


@dataclass(frozen=True, kw_only=True)
class TextBox:
    """What stands behind a text.

    ``pad`` is the distance in points from the text to the edge; ``round_by`` the radius of the
    corners in points.
    """

    face: Ink | None
    edge: Pen | None
    pad: float
    round_by: float = 0


@dataclass(frozen=True, kw_only=True)
class TextStyle:
    """How a text looks and where it lies around its position; ``size`` in points."""

    ink: Ink
    size: float
    vertical: str = "top"
    horizontal: str = "left"
    family: str = "sans-serif"
    box: TextBox | None = None

    @property
    def outline(self) -> Ink:
        """The colour around the strokes of a text without a box."""
        return Ink(color=contrast(self.ink.color), opacity=self.ink.opacity)

    def __post_init__(self) -> None:
        for value, accepted in ((self.vertical, VERTICAL), (self.horizontal, HORIZONTAL)):
            if value not in accepted:
                raise ValueError(f"{value!r} is no alignment; accepted: {', '.join(accepted)}")


def text_box(settings: Mapping[str, Any], size: float) -> TextBox:
    """Read the settings of a text's box as matplotlib spells them.

    Args:
        settings: facecolor, edgecolor, color, alpha, pad, linewidth, linestyle, and boxstyle
            (square or round, in any case, with a pad in font sizes, as in ``"Round, pad=0.3"``).
        size: of the font, points.

    Raises:
        ValueError: there is another setting.
    """
    given = {_SHORT.get(key, key): value for key, value in settings.items()}
    unknown = sorted(set(given) - set(_KNOWN))
    if unknown:
        raise ValueError(f"a text's box has no {unknown[0]!r}; accepted: {', '.join(_KNOWN)}")
    pad, shape = given.get("pad", 4.0), ""
    if "boxstyle" in given:
        shape, *rest = str(given["boxstyle"]).replace(" ", "").lower().split(",")
        pads = [part.removeprefix("pad=") for part in rest if part.startswith("pad=")]
        pad = float(pads[0] if pads else 0.3) * size
    if shape not in ("", "square", "round"):
        raise ValueError(f"{shape!r} is no boxstyle; accepted: square, round")
    color, alpha = given.get("color"), given.get("alpha")
    face = _ink(given.get("facecolor", color or "tab:blue"), alpha)
    edge = _ink(given.get("edgecolor", color or "k"), alpha)
    width, style = given.get("linewidth", 1), given.get("linestyle", "-")
    return TextBox(
        face=face,
        edge=Pen(ink=edge, width=width, style=style) if edge else None,
        pad=float(pad),
        round_by=float(pad) if shape == "round" else 0.0,
    )


def _ink(value: Any, alpha: float | None) -> Ink | None:
    parsed = parse_color(value)
    if parsed is None:
        return None
    return Ink(color=parsed[0], opacity=parsed[1] if alpha is None else alpha)


def draw_text(canvas: Canvas, text: str, at: tuple[float, float], *, style: TextStyle) -> None:
    """Write ``text``, of any number of lines, at x and y in pixels.

    A character that no font carries becomes a box, with a warning.
    """
    if not text.strip():
        return
    lines = text.split("\n")
    pixels = max(1, round(style.size * POINT))
    font = fonts_for(text, pixels, family=style.family)
    rendered = [font.render(line) for line in lines]
    baselines, height = _stacked([masks for masks, _ in rendered], font.render(_TALL)[0], pixels)
    width = max(length for _, length in rendered)
    left = round(at[0]) - {"left": 0, "center": width // 2, "right": width}[style.horizontal]
    above = {"top": 0, "center": height // 2, "bottom": height, "baseline": baselines[-1]}
    top = round(at[1]) - above[style.vertical]
    if style.box:
        _draw_box(canvas, (left, top, left + width - 1, top + height - 1), style.box)
    outline = 0 if style.box else max(1, round(style.size * POINT / 14))
    for i, (masks, length) in enumerate(rendered):
        spare = {"left": 0, "center": (width - length) // 2, "right": width - length}
        origin = left + spare[style.horizontal], top + baselines[i]
        if outline:
            around, _ = font.render(lines[i], outline)
            _put(canvas, around, origin, ink=style.outline)
        _put(canvas, masks, origin, ink=style.ink)


def _stacked(lines: list[list[Mask]], tall: list[Mask], pixels: int) -> tuple[list[int], int]:
    """Return where the baselines of lines lie below the top of a text, and its height.

    As matplotlib stacks them: one line is as high as its letters, and at least as `_TALL`; several
    lie in the middle of 1.2 em each.
    """
    least = _LINE_SPACING * pixels if len(lines) > 1 else 0.0
    baselines, top = [], 0.0
    for line in lines:
        ascent, descent = _extent([*line, *tall])
        high = max(least, ascent + descent)
        baselines.append(round(top + (high - ascent - descent) / 2 + ascent))
        top += high
    return baselines, round(top)


def _extent(masks: list[Mask]) -> tuple[int, int]:
    """How far letters reach above and below the baseline."""
    inked = [(y, y + mask.height) for mask, _, y in masks if mask.height]
    ascent = max((-top for top, _ in inked), default=0)
    return ascent, max(0, max((bottom for _, bottom in inked), default=0))


def _put(canvas: Canvas, masks: list[Mask], origin: tuple[int, int], *, ink: Ink) -> None:
    for mask, x, y in masks:
        canvas.paste(mask, (origin[0] + x, origin[1] + y), ink.color, opacity=ink.opacity)


def _draw_box(canvas: Canvas, text: tuple[int, int, int, int], box: TextBox) -> None:
    pad = round(box.pad * POINT)
    left, top, right, bottom = text[0] - pad, text[1] - pad, text[2] + pad, text[3] + pad
    if not box.round_by:
        draw_box(canvas, (left, top, right, bottom), box.edge, face=box.face)
        return
    radius = min(box.round_by * POINT, (right - left) / 2, (bottom - top) / 2)
    outline = _rounded((left, top, right, bottom), radius)
    draw_polygons(canvas, [outline], [box.edge], faces=[box.face])


def _rounded(box: tuple[float, float, float, float], radius: float) -> Points:
    """Points around a box with round corners."""
    left, top, right, bottom = box
    turns = np.linspace(0, np.pi / 2, 9)
    corners = []
    for quarter, (x, y) in enumerate(
        [
            (right - radius, bottom - radius),
            (left + radius, bottom - radius),
            (left + radius, top + radius),
            (right - radius, top + radius),
        ]
    ):
        angle = turns + quarter * np.pi / 2
        corners.append(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1))
    return np.concatenate(corners)
