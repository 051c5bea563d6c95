"""What is recorded, in plain Python: numbers, images and configs of whatever kind they come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

__all__ = ["checked_image", "config_text", "config_values", "flat", "number", "scalars_of"]


def number(value: Any) -> float | int | None:
    """Return a number, or the one element of a tensor or array; None for anything else.

    ``bool`` counts as a number, 0 or 1. A tensor on a device is waited for.
    """
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, bool | int | float):
        return value + 0
    shape = getattr(value, "shape", None)
    if shape is None or any(size != 1 for size in shape):
        return None
    item = value.item()
    return item + 0 if isinstance(item, bool | int | float) else None


def scalars_of(scalar_dict: Mapping[str, Any], step: int) -> tuple[dict[str, float | int], int]:
    """Return the numbers of ``scalar_dict`` and the step they belong to.

    A key ``step`` gives the step and is not among the numbers. What is no number is left out.

    Raises:
        TypeError: ``scalar_dict`` is no mapping.
    """
    if not isinstance(scalar_dict, Mapping):
        raise TypeError(
            f"scalar_dict must be a mapping from names to numbers, got {scalar_dict!r:.80}"
        )
    found = {}
    for name, value in scalar_dict.items():
        plain = number(value)
        if plain is not None:
            found[name] = plain
    return found, int(found.pop("step", step))


def checked_image(name: str, image: np.ndarray) -> np.ndarray:
    """Return ``image`` as a contiguous (H, W, 3) uint8 array; a grey one (H, W) is repeated.

    Raises:
        TypeError: it is no uint8 array.
        ValueError: it has another shape, or no pixels.
    """
    dtype = getattr(image, "dtype", None)
    if not isinstance(image, np.ndarray) or dtype != np.uint8:
        got = f"{type(image).__name__}" + (f" of {dtype}" if dtype is not None else "")
        raise TypeError(f"image {name!r} must be a NumPy array of uint8 in RGB order, got {got}")
    if image.ndim == 2:
        image = image[:, :, None]
    if image.ndim != 3 or image.shape[2] not in (1, 3) or not image.size:
        raise ValueError(f"image {name!r} must be of shape (H, W, 3), got {image.shape}")
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def config_text(config: Any) -> str:
    """Return a config as text: its ``pretty_text``, or a mapping printed a key a line."""
    text = getattr(config, "pretty_text", None)
    if isinstance(text, str):
        return text
    return "".join(f"{key} = {value!r}\n" for key, value in config_values(config).items())


def config_values(config: Any) -> dict[str, Any]:
    """Return a config as nested built-in containers.

    Raises:
        TypeError: it is no mapping and has no ``to_dict``.
    """
    to_dict = getattr(config, "to_dict", None)
    values = to_dict() if callable(to_dict) else config
    if not isinstance(values, Mapping):
        raise TypeError(
            "a config must have to_dict() and pretty_text, or be a mapping; got "
            f"{type(config).__name__}"
        )
    return {str(key): _built_in(value) for key, value in values.items()}


def flat(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``("model.backbone.depth", 50)`` for each leaf of nested mappings and sequences."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(values, list) and any(isinstance(value, Mapping) for value in values):
        for i, value in enumerate(values):
            yield from flat(value, f"{prefix}.{i}")
    else:
        yield prefix, values


def _built_in(value: Any) -> Any:
    """Mappings as dicts, sequences as lists, what is no plain value as its repr."""
    if isinstance(value, Mapping):
        return {str(key): _built_in(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_built_in(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else repr(value)
