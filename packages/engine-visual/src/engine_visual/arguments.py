"""What a drawing function is given: checked, repeated, and turned into what matplotlib takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_visual.arrays import to_array
from engine_visual.drawing.colors import parse_color
from engine_visual.errors import StyleError

__all__ = [
    "check_length",
    "check_type",
    "check_type_and_length",
    "color_str2rgb",
    "color_val_matplotlib",
    "img_from_canvas",
    "tensor2ndarray",
    "value2list",
]


def check_type(name: str, value: Any, valid_type: Any) -> None:
    """Do nothing if ``value`` is a ``valid_type``.

    Raises:
        TypeError: it isn't; the message says ``name``.
    """
    if not isinstance(value, valid_type):
        raise TypeError(f"{name} must be {valid_type}, got {type(value)}")


def check_length(name: str, value: Any, valid_length: int) -> None:
    """Do nothing if ``value`` is None, or has at least ``valid_length`` elements.

    Raises:
        AssertionError: it has fewer; this is the type that callers know.
    """
    if value is not None and len(value) < valid_length:
        raise AssertionError(f"{name} must have at least {valid_length} elements, got {len(value)}")


def check_type_and_length(name: str, value: Any, valid_type: Any, valid_length: int) -> None:
    """Do both `check_type` and `check_length`.

    Raises:
        TypeError: ``value`` is of another type.
        AssertionError: it has fewer elements.
    """
    check_type(name, value, valid_type)
    check_length(name, value, valid_length)


def value2list(value: Any, valid_type: Any, expand_dim: int) -> Any:
    """Return a single ``valid_type`` repeated ``expand_dim`` times; anything else as it is."""
    return [value] * expand_dim if isinstance(value, valid_type) else value


def tensor2ndarray(value: Any) -> Any:
    """Return a tensor, on whatever device, as an array; anything else as it is."""
    return to_array(value) if hasattr(value, "detach") else value


def color_val_matplotlib(colors: Any) -> Any:
    """Return colours as matplotlib takes them: numbers up to 255 become numbers up to 1.

    Args:
        colors: a name, a tuple of numbers, or a list of these.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(colors, str):
        return colors
    if isinstance(colors, tuple):
        return tuple(number / 255 for number in colors)
    if isinstance(colors, list):
        return [color_val_matplotlib(color) for color in colors]
    raise TypeError(f"a color must be a str, a tuple, or a list of these, got {colors!r}")


def color_str2rgb(color: str) -> tuple[int, int, int]:
    """Return the (red, green, blue), up to 255, of a colour's name.

    Raises:
        ValueError: there is no such colour.
    """
    found = parse_color(color)
    if found is None:
        raise StyleError(f"{color!r} is no colour")
    return found[0]


def img_from_canvas(canvas: Any) -> NDArray[np.uint8]:
    """Return what a matplotlib canvas shows, (H, W, 3) in RGB."""
    canvas.draw()
    pixels: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    return pixels
