"""Colours by name, code or numbers; matplotlib's names mean what they mean there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import ImageColor

from engine_visual.errors import StyleError

Color = tuple[int, int, int]

_LETTERS = {
    "b": (0, 0, 255),
    "g": (0, 128, 0),
    "r": (255, 0, 0),
    "c": (0, 191, 191),
    "m": (191, 0, 191),
    "y": (191, 191, 0),
    "k": (0, 0, 0),
    "w": (255, 255, 255),
}
_TABLEAU = {
    "tab:blue": (31, 119, 180),
    "tab:orange": (255, 127, 14),
    "tab:green": (44, 160, 44),
    "tab:red": (214, 39, 40),
    "tab:purple": (148, 103, 189),
    "tab:brown": (140, 86, 75),
    "tab:pink": (227, 119, 194),
    "tab:gray": (127, 127, 127),
    "tab:olive": (188, 189, 34),
    "tab:cyan": (23, 190, 207),
}
_CYCLE = tuple(_TABLEAU.values())


def parse_color(value: Any) -> tuple[Color, float] | None:
    """Return the (red, green, blue) of ``value`` and its own opacity; None for ``"none"``.

    Accepted: one of matplotlib's letters, a CSS or ``tab:`` name, ``C0`` to ``C9``, ``#rgb``,
    ``#rrggbb``, ``#rrggbbaa``, ``rgb(...)``, a grey such as ``"0.5"``, and three or four
    numbers: integers up to 255, or floats up to 1.

    Raises:
        StyleError: it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _from_text(value)
    return _from_numbers(tuple(np.asarray(value).reshape(-1).tolist()), value)


@lru_cache(maxsize=1024)
def _from_text(text: str) -> tuple[Color, float] | None:
    if text.lower() in ("none", ""):
        return None
    known = _LETTERS.get(text) or _TABLEAU.get(text.replace("grey", "gray"))
    if known:
        return known, 1.0
    if text[0] == "C" and text[1:].isdecimal():
        return _CYCLE[int(text[1:]) % len(_CYCLE)], 1.0
    try:
        grey = round(float(text) * 255)
    except ValueError:
        pass
    else:
        if 0 <= grey <= 255:
            return (grey, grey, grey), 1.0
    try:
        red, green, blue, *opacity = ImageColor.getrgb(text)
    except ValueError as error:
        raise StyleError(
            f"{text!r} is no colour; accepted are names such as 'red', 'tab:blue' or 'g', "
            f"'#rrggbb', and tuples such as (255, 0, 0)"
        ) from error
    return (red, green, blue), opacity[0] / 255 if opacity else 1.0


def _from_numbers(numbers: tuple[float, ...], given: Any) -> tuple[Color, float]:
    if not all(isinstance(n, int | float) for n in numbers):
        raise StyleError(f"{given!r:.80} is no colour: a {type(given).__name__} has no numbers")
    unit = any(isinstance(n, float) for n in numbers) and all(0 <= n <= 1 for n in numbers)
    scaled = [n * 255 if unit else n for n in numbers]
    if len(scaled) not in (3, 4) or not all(0 <= n <= 255 for n in scaled):
        raise StyleError(
            f"{given!r} is no colour: it must be three or four numbers, integers up to 255 or "
            f"floats up to 1"
        )
    red, green, blue, *opacity = (round(n) for n in scaled)
    return (red, green, blue), opacity[0] / 255 if opacity else 1.0


def contrast(color: Color) -> Color:
    """Black or white, whichever is told from ``color`` more easily."""
    red, green, blue = color
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else (255, 255, 255)


def palette(count: int) -> list[Color]:
    """``count`` colours that are told apart: hues a golden angle after another."""
    found = []
    for i in range(count):
        hue, light = (i * 137.508) % 360, (50, 40, 60)[i // 12 % 3]
        found.append(ImageColor.getrgb(f"hsl({hue:.0f}, 85%, {light}%)")[:3])
    return found


def each(value: Any, count: int) -> list[Any]:
    """``value`` for each of ``count`` elements: a list is cycled, anything else repeated.

    Raises:
        ValueError: the list is empty and there are elements.
    """
    if not isinstance(value, list):
        return [value] * count
    if not value and count:
        raise ValueError(f"an empty list was given for {count} elements")
    return [value[i % len(value)] for i in range(count)]


def each_color(value: Any, count: int) -> list[tuple[Color, float] | None]:
    """The colour of each of ``count`` elements.

    A list of numbers is one colour, a list or array of colours is cycled.
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list) and value and all(isinstance(n, int | float) for n in value):
        value = tuple(value)
    if isinstance(value, list) and value:
        return each([parse_color(color) for color in value[:count]], count)
    return each(parse_color(value), count) if count else []


def opaque(color: Sequence[int], opacity: float) -> tuple[int, int, int, int]:
    """``color`` with ``opacity`` (0 to 1, clipped) as Pillow takes it."""
    red, green, blue = color
    return red, green, blue, round(255 * min(1.0, max(0.0, opacity)))
