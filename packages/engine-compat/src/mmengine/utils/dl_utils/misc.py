"""Questions about layers, and tensors as images."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm, _InstanceNorm

__all__ = ["has_batch_norm", "is_norm", "mmcv_full_available", "tensor2imgs"]

_NORMS = (_BatchNorm, _InstanceNorm, nn.GroupNorm, nn.LayerNorm)


def is_norm(layer: nn.Module, exclude: Any = None) -> bool:
    """Whether a layer normalises.

    Args:
        layer: the layer.
        exclude: a class, or several, that don't count.

    Raises:
        TypeError: ``exclude`` is no class.
    """
    if exclude is not None:
        classes = exclude if isinstance(exclude, tuple) else (exclude,)
        if not all(isinstance(each, type) for each in classes):
            raise TypeError(f"exclude must be a class or a tuple of classes, got {exclude!r}")
        if isinstance(layer, classes):
            return False
    return isinstance(layer, _NORMS)


def has_batch_norm(model: nn.Module) -> bool:
    """Whether some layer of a model is a batch norm."""
    return any(isinstance(layer, _BatchNorm) for layer in model.modules())


def mmcv_full_available() -> bool:
    """Whether mmcv is installed with its compiled operators."""
    try:
        return importlib.util.find_spec("mmcv._ext") is not None
    except ImportError:
        return False


def tensor2imgs(
    tensor: torch.Tensor,
    mean: tuple[float, ...] | None = None,
    std: tuple[float, ...] | None = None,
    to_bgr: bool = True,
) -> list[NDArray[Any]]:
    """Undo the normalisation of a batch of images.

    Args:
        tensor: (N, C, H, W), where C is 1 or 3.
        mean: what was taken from each channel; by default 0.
        std: what each channel was divided by; by default 1.
        to_bgr: whether to turn the three channels round.

    Returns:
        N arrays (H, W, C), which lie one after the other in memory.

    Raises:
        ValueError: the shapes are others, or one channel should be turned round.
    """
    channels = tensor.size(1) if tensor.ndim == 4 else 0
    mean = (0,) * channels if mean is None else mean
    std = (1,) * channels if std is None else std
    if channels not in (1, 3) or not len(mean) == len(std) == channels:
        raise ValueError(
            f"tensor must have shape (N, 1 or 3, H, W) with a mean and std for each channel, got "
            f"{tuple(tensor.shape)}, mean={mean} and std={std}"
        )
    if to_bgr and channels == 1:
        raise ValueError("one channel can't be turned round: give to_bgr=False")
    images = tensor.detach().float().cpu().permute(0, 2, 3, 1).numpy()  # (N, H, W, C)
    images = images * np.asarray(std, np.float32) + np.asarray(mean, np.float32)
    return [np.ascontiguousarray(image[..., ::-1] if to_bgr else image) for image in images]
