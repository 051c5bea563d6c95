"""Images as they looked before a model was given them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["facts_of", "images_and_samples", "picture_of"]


def images_and_samples(batch: Any) -> list[tuple[Any, Any]]:
    """Return image and sample of each in a batch; the sample is None where there is none.

    Args:
        batch: a dict with ``inputs``, images, and ``data_samples``, or a list of dicts with
            ``inputs`` and ``data_sample`` or ``data_samples``.

    Raises:
        TypeError: it is of another form.
    """
    if isinstance(batch, Mapping) and "inputs" in batch:
        images = batch["inputs"]
        samples = batch.get("data_samples")
        samples = [None] * len(images) if samples is None else samples
        return list(zip(images, samples, strict=True))
    if isinstance(batch, list | tuple) and all(isinstance(each, Mapping) for each in batch):
        names = ("data_sample", "data_samples")
        return [
            (each["inputs"], next((each[name] for name in names if name in each), None))
            for each in batch
        ]
    raise TypeError(
        "what is drawn is a batch of the form dict(inputs=images, data_samples=...), "
        f"or lists of such dicts: got {type(batch).__name__}"
    )


def facts_of(sample: Any) -> dict[str, Any]:
    """Return what is known of a sample: its meta information, if it has any."""
    found: dict[str, Any] = getattr(sample, "metainfo", None) or {}
    return found


def picture_of(image: Any, facts: Mapping[str, Any]) -> NDArray[Any]:
    """Return an image that a model was given as it looked before: (H, W, C) bytes.

    Args:
        image: (C, H, W), or (1, C, H, W), which is taken for what MMEngine's hook is given: its
            three channels are turned about, unless ``img_norm_cfg`` of ``facts`` has
            ``to_bgr=False``, and it gets the size ``ori_height`` and ``ori_width``. Floats were
            normalised by ``norm_cfg`` or ``img_norm_cfg``, or else lie in [0, 1] or [0, 255].
        facts: also ``img_shape``, beyond which there is padding, which is cut off.
    """
    pixels = torch.as_tensor(image).detach().cpu()  # (C, H, W)
    if pixels.ndim == 4 and len(pixels) == 1:
        norm = dict(facts.get("img_norm_cfg") or {})
        turned = len(pixels[0]) == 3 and norm.pop("to_bgr", True)
        named = {**facts, "norm_cfg": norm} if norm else facts
        return _resized(picture_of(pixels[0], named)[..., :: -1 if turned else 1], facts)
    if pixels.dtype != torch.uint8:
        pixels = _bytes(pixels.float(), facts.get("norm_cfg"))
    height, width = (facts.get("img_shape") or pixels.shape[-2:])[:2]
    found: NDArray[Any] = np.ascontiguousarray(pixels[..., :height, :width].permute(1, 2, 0))
    return found


def _resized(picture: NDArray[Any], facts: Mapping[str, Any]) -> NDArray[Any]:
    height, width = facts.get("ori_height"), facts.get("ori_width")
    if height is None or width is None or (height, width) == picture.shape[:2]:
        return np.ascontiguousarray(picture)
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float()  # (1, C, H, W)
    pixels = nn.functional.interpolate(pixels, (height, width), mode="bilinear")
    return pixels[0].permute(1, 2, 0).round().byte().contiguous().numpy()


def _bytes(pixels: Tensor, norm: Mapping[str, Any] | None) -> Tensor:
    if norm is not None:
        mean, std = (torch.as_tensor(norm[name]).float().view(-1, 1, 1) for name in ("mean", "std"))
        pixels = pixels * std + mean
    elif pixels.numel() and pixels.min() >= 0 and pixels.max() <= 1:
        pixels = pixels * 255
    return pixels.round().clamp(0, 255).byte()
