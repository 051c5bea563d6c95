"""Whatever holds numbers, as NumPy arrays; whatever holds an image, as (H, W, 3) uint8 RGB.

Tensors are recognised by what they can do, so nothing here imports torch.
Dimension names used in this file: H rows, W columns, C channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANNELS = (1, 3, 4)


def to_array(value: Any) -> NDArray[Any]:
    """Return ``value`` (array, tensor on any device, nested lists, numbers) as an array.

    Tensors of a type that NumPy lacks, such as bfloat16, come as float32.
    """
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype) or "float8" in str(value.dtype):
            value = value.float()
        value = value.numpy()
    return np.asarray(value)


def check_kind(value: Any, name: str, kinds: Any) -> None:
    """Refuse a value of another type.

    Raises:
        TypeError: it is one.
    """
    if not isinstance(value, kinds):
        shown = str(kinds).replace("NoneType", "None").replace(" | ", " or ")
        raise TypeError(f"{name} must be {shown}, got {type(value).__name__}")


def check_array(value: Any, name: str) -> None:
    """Refuse what is neither an array nor a tensor, as MMEngine does.

    Raises:
        TypeError: it is something else, such as a list.
    """
    if not isinstance(value, np.ndarray) and not hasattr(value, "detach"):
        raise TypeError(f"{name} must be an array or a tensor, got {type(value).__name__}")


def finite(value: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return ``value`` as floats of shape (N, *shape); one element may come without its N.

    Raises:
        TypeError: it is neither an array nor a tensor.
        ValueError: the shape is another, or a number isn't finite; the message names its index.
    """
    check_array(value, name)
    array = to_array(value)
    if array.size == 0:
        return np.zeros((0, *(max(n, 0) for n in shape)))
    if array.ndim == len(shape):
        array = array[None]
    fits = array.ndim == 1 + len(shape)
    fits = fits and all(n in (-1, m) for n, m in zip(shape, array.shape[1:], strict=True))
    if not fits:
        wanted = ", ".join("any" if n == -1 else str(n) for n in ("N", *shape))
        raise ValueError(f"{name} must have shape ({wanted}), got {to_array(value).shape}")
    floats = array.astype(np.float64)
    refuse_nan(floats, name)
    return floats


def refuse_nan(values: NDArray[np.floating], name: str) -> None:
    """Raise a ValueError that names the first entry of ``values`` with a number not finite."""
    if np.isfinite(values).all():
        return
    wrong = int(np.argwhere(~np.isfinite(values))[0][0])
    shown = np.array2string(values[wrong], separator=", ", threshold=8)
    raise ValueError(f"{name}[{wrong}] is not finite: {shown}")


def as_rgb(image: Any) -> NDArray[np.uint8]:
    """Return ``image`` as (H, W, 3) uint8; an image that is so already is not copied.

    Grey (H, W) and (H, W, 1) are repeated, (C, H, W) is turned, a fourth channel is taken as
    opacity over white. Floats within [0, 1] are scaled by 255, other floats within [0, 255] are
    rounded, uint16 is scaled by 1/257, bool is black and white.

    Raises:
        ValueError: the shape is no image's, or the values lie outside of those ranges.
    """
    array = to_array(image)
    if array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3:
        return array
    array = _to_bytes(_channels_last(array))
    if array.shape[2] == 1:
        return np.repeat(array, 3, axis=2)
    if array.shape[2] == 4:
        alpha = array[..., 3:].astype(np.float32) / 255
        flat = array[..., :3] * alpha + 255 * (1 - alpha)
        return np.asarray(np.rint(flat), np.uint8)
    return array


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim == 3 and array.size and array.shape[2] not in CHANNELS:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or not array.size or array.shape[2] not in CHANNELS:
        accepted = "(H, W), (H, W, C) or (C, H, W) with C of 1, 3 or 4"
        raise ValueError(f"an image has shape {accepted}; got {array.shape}")
    return array


def _to_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return np.asarray(np.rint(array / 257.0), np.uint8)
    if array.dtype == np.bool_:
        return np.asarray(array * np.uint8(255))
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):  # also where one is NaN
        raise ValueError(
            f"an image of {array.dtype} holds values in [0, 1] or [0, 255]; got {low:g} to "
            f"{high:g}. Was it normalised? Undo that before drawing"
        )
    scale = 255.0 if high <= 1 and array.dtype.kind == "f" else 1.0
    return np.asarray(np.rint(array.astype(np.float32) * scale), np.uint8)
