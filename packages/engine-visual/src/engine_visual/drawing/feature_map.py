"""Feature maps as pictures: channels reduced or side by side, in the colours called jet.

Dimension names used in this file: C channels, H rows, W columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine_visual.arrays import as_rgb, refuse_nan, to_array

REDUCTIONS = ("squeeze_mean", "select_max")
Map = NDArray[np.float32]
Shape = tuple[int, ...]


def draw_featmap(
    featmap: Any,
    overlaid_image: Any = None,
    channel_reduction: str | None = "squeeze_mean",
    topk: int = 20,
    arrangement: tuple[int, int] = (4, 5),
    resize_shape: tuple[int, int] | None = None,
    alpha: float = 0.5,
) -> NDArray[np.uint8]:
    """Return a picture of a feature map, (H, W, 3) uint8 RGB, from dark blue to dark red.

    Args:
        featmap: (C, H, W).
        overlaid_image: what it is blended over; the map takes its size.
        channel_reduction: ``squeeze_mean``, the mean of the channels; ``select_max``, the
            channel with the largest sum; None for ``topk``.
        topk: how many channels, those with the largest sums, are shown side by side; 0 or
            less takes the map for an image of one or three channels.
        arrangement: rows and columns of the channels.
        resize_shape: (height, width) of the map, and of the image below.
        alpha: opacity of the map over the image.

    Raises:
        ValueError: the shape doesn't suit what is asked for, or a number isn't finite.
    """
    maps = to_array(featmap)
    if maps.ndim != 3 or not maps.size:
        raise ValueError(f"featmap must have shape (C, H, W), got {maps.shape}")
    maps = maps.astype(np.float32)
    refuse_nan(maps, "featmap")
    image = None if overlaid_image is None else as_rgb(overlaid_image)
    shape = maps.shape[1:] if image is None else image.shape[:2]
    if resize_shape is not None:
        height, width = shape = resize_shape
        image = None if image is None else _resize_image(image, (height, width))
    if channel_reduction is not None:
        return _heat(_resize(_reduce(maps, channel_reduction, shape), shape), image, alpha)
    if topk <= 0:
        return _as_picture(_resize(maps, shape), image, alpha)
    best = np.argsort(-_sums(maps, shape), kind="stable")[:topk]
    return _side_by_side(_resize(maps[best], shape), image, alpha, arrangement=arrangement)


def _reduce(maps: Map, how: str, shape: Shape) -> Map:
    """One channel (1, H, W) of many."""
    if how == "squeeze_mean":
        return np.asarray(maps.mean(axis=0, keepdims=True))
    if how == "select_max":
        return maps[[_sums(maps, shape).argmax()]]
    raise ValueError(f"no channel_reduction is called {how!r}; accepted: {REDUCTIONS} and None")


def _sums(maps: Map, shape: Shape) -> Map:
    """The sum of each channel as it would be at ``shape``, without making it."""
    down, across = (_shares(old, new) for old, new in zip(maps.shape[1:], shape, strict=True))
    return np.asarray(np.einsum("chw,h,w->c", maps, down, across, optimize=True))


def _shares(old: int, new: int) -> Map:
    """How much each of ``old`` places adds to the sum over ``new``."""
    if old == new:
        return np.ones(old, np.float32)
    before, weight = _weights(old, new)
    shares = np.bincount(before, 1 - weight, old)
    shares += np.bincount(np.minimum(before + 1, old - 1), weight, old)
    return shares.astype(np.float32)


def _as_picture(maps: Map, image: NDArray[np.uint8] | None, alpha: float) -> NDArray[np.uint8]:
    if len(maps) not in (1, 3):
        raise ValueError(
            f"featmap has {len(maps)} channels; with topk of 0 or less it is taken for an image of "
            f"1 or 3. Give a channel_reduction, or topk above 0"
        )
    if len(maps) == 1:
        return _heat(maps, image, alpha)
    picture = _to_range(maps.transpose(1, 2, 0))
    return picture if image is None else _blend(picture, image, alpha)


def _side_by_side(
    maps: Map, image: NDArray[np.uint8] | None, alpha: float, *, arrangement: tuple[int, int]
) -> NDArray[np.uint8]:
    """The channels in rows, one after another; what is left over is white."""
    rows, columns = arrangement
    if rows * columns < len(maps):
        raise ValueError(
            f"an arrangement of {rows} x {columns} has no room for topk={len(maps)} channels"
        )
    height, width = maps.shape[1:]
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for place, channel in enumerate(maps):
        row, column = divmod(place, columns)
        part = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
        part[:] = _heat(channel[None], image, alpha)
    return sheet


def convert_overlay_heatmap(
    feat_map: Any, img: NDArray[np.uint8] | None = None, alpha: float = 0.5
) -> NDArray[np.uint8]:
    """Return a map (H, W) as a picture in jet's colours, (H, W, 3) uint8, or so much over another.

    Args:
        feat_map: (H, W) or (1, H, W), of any range: its least value becomes dark blue.
        img: (H, W, 3) uint8, RGB, of the same size.
        alpha: how much of the map is seen over ``img``, 0 to 1.
    """
    return _heat(to_array(feat_map).reshape(1, *feat_map.shape[-2:]), img, alpha)


def _heat(maps: Map, image: NDArray[np.uint8] | None, alpha: float) -> NDArray[np.uint8]:
    """The picture of one channel (1, H, W)."""
    picture = jet()[_to_range(maps[0])]
    return picture if image is None else _blend(picture, image, alpha)


def jet() -> NDArray[np.uint8]:
    """The 256 colours from dark blue by green to dark red, (256, 3)."""
    level = np.arange(256) / 255
    ramps = [1.5 - np.abs(4 * level - middle) for middle in (3, 2, 1)]
    return np.asarray(np.rint(255 * np.stack(ramps, axis=1).clip(0, 1)), np.uint8)


def _to_range(values: Map) -> NDArray[np.uint8]:
    """``values`` stretched to 0 to 255; 0 where all are the same."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    return np.asarray(((values - low) * np.float32(255 / (high - low))).clip(0, 255), np.uint8)


def _blend(over: NDArray[np.uint8], image: NDArray[np.uint8], alpha: float) -> NDArray[np.uint8]:
    mixed = over * np.float32(alpha) + image * np.float32(1 - alpha)
    return np.asarray(np.rint(mixed).clip(0, 255), np.uint8)


def _resize(maps: Map, shape: Shape) -> Map:
    """``maps`` (C, H, W) at ``shape``, interpolated between the centres of pixels."""
    if maps.shape[1:] == tuple(shape):
        return maps
    height, width = shape
    return np.stack([_interpolate(m, width, height) for m in maps])


def _interpolate(values: Map, width: int, height: int) -> Map:
    columns, right = _weights(values.shape[1], width)
    rows, low = _weights(values.shape[0], height)
    last_row, last_column = values.shape[0] - 1, values.shape[1] - 1
    wide = (
        values[:, columns] * (1 - right) + values[:, np.minimum(columns + 1, last_column)] * right
    )
    below = wide[np.minimum(rows + 1, last_row)]
    return np.asarray(wide[rows] * (1 - low)[:, None] + below * low[:, None])


def _weights(old: int, new: int) -> tuple[NDArray[np.intp], Map]:
    """For each of ``new`` places, the one of ``old`` before it and the weight of the next."""
    at = ((np.arange(new) + 0.5) * (old / new) - 0.5).clip(0, old - 1)
    before = at.astype(np.intp)
    return before, (at - before).astype(np.float32)


def _resize_image(image: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    height, width = shape
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized)
