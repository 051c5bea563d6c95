"""What happens to a batch between loader and model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from engine_model.padding import stack_batch
from engine_structures import BaseDataElement

__all__ = ["BaseDataPreprocessor", "ImgDataPreprocessor", "accelerator"]

_UNCHANGED: Final = (str, bytes, bytearray, int, float, memoryview)


class BaseDataPreprocessor(nn.Module):
    """Moves a batch to the model's device.

    Args:
        non_blocking: whether the host goes on while pinned memory is copied.
    """

    _non_blocking = False
    _device = torch.device("cpu")  # of a subclass that doesn't call __init__, too

    def __init__(self, non_blocking: bool | None = False) -> None:
        super().__init__()
        self._non_blocking = bool(non_blocking)
        self._device = torch.device("cpu")

    @property
    def device(self) -> torch.device:
        """Where batches go: to where it was moved, by itself or as part of a model."""
        return self._device

    def forward(self, data: Any, training: bool = False) -> Any:
        """Return the batch on the device.

        Args:
            data: the batch, as the loader gave it.
            training: whether it is for training.
        """
        return self.cast_data(data)

    def cast_data(self, data: Any) -> Any:
        """Return ``data`` with every tensor and data element in it on the device.

        Dicts, lists and tuples of any kind are new; a tensor that is there already is the same,
        and so is whatever else is in them.
        """
        kind = type(data)  # what is usual first: this runs for every batch
        if kind is Tensor:
            return self._moved(data)
        if kind is dict:
            return {key: self.cast_data(value) for key, value in data.items()}
        if kind is list or kind is tuple:
            device, moved = self.device, []
            for each in data:
                is_there = type(each) is Tensor and each.device == device
                moved.append(each if is_there else self.cast_data(each))
            return moved if kind is list else tuple(moved)
        if data is None or isinstance(data, _UNCHANGED):
            return data
        return self._cast_rare(data)

    def _moved(self, tensor: Tensor) -> Tensor:
        device = self.device  # a subclass may have another
        if tensor.device == device:
            return tensor
        return tensor.to(device, non_blocking=self._non_blocking)

    def _cast_rare(self, data: Any) -> Any:
        if isinstance(data, Tensor):
            return self._moved(data)
        if isinstance(data, BaseDataElement):
            return data.to(self.device, non_blocking=self._non_blocking)
        if isinstance(data, PackedSequence):  # its lengths stay on the CPU
            move: Callable[..., Any] = data.to
            return move(self.device, non_blocking=self._non_blocking)
        if isinstance(data, Mapping):
            return _rebuilt(data, {key: self.cast_data(value) for key, value in data.items()})
        if not isinstance(data, Sequence):
            return data
        parts = [self.cast_data(each) for each in data]
        if isinstance(data, tuple) and hasattr(data, "_fields"):
            return type(data)(*parts)
        return _rebuilt(data, parts)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go."""
        return super().to(*args, **kwargs)

    def cpu(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go, to the CPU."""
        return super().cpu(*args, **kwargs)

    def cuda(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go, to a GPU."""
        return self.to(accelerator("cuda", *args, **kwargs))

    def npu(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go, to an Ascend NPU."""
        return self.to(accelerator("npu", *args, **kwargs))

    def mlu(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go, to a Cambricon MLU."""
        return self.to(accelerator("mlu", *args, **kwargs))

    def musa(self, *args: Any, **kwargs: Any) -> Self:
        """Move it, and where batches go, to a Moore Threads GPU."""
        return self.to(accelerator("musa", *args, **kwargs))

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # Every way to move a module, or the one that it is in, comes through here.
        self._device = fn(torch.empty(0, device=self._device)).device
        apply: Callable[..., Self] = super()._apply
        return apply(fn, recurse)


def accelerator(kind: str, device: int | str | torch.device | None = None) -> torch.device:
    """Return a device of a kind, by its index or name; the one that torch uses now if None."""
    if device is None:
        backend: Any = torch.get_device_module(kind)
        device = int(backend.current_device())
    return torch.device(kind, device) if isinstance(device, int) else torch.device(device)


def _rebuilt(like: Any, parts: Any) -> Any:
    """``parts`` in a container of the same kind, where that can be made of them."""
    try:
        return type(like)(parts)
    except TypeError:
        return parts


class ImgDataPreprocessor(BaseDataPreprocessor):
    """Moves images to the device, normalises them, and pads them to one size.

    A batch is a dict with ``inputs``: a list of (C,H,W) tensors or arrays, or one (N,C,H,W). What
    isn't normalised may also have other dimensions in a list.

    Args:
        mean: of each channel, in the images' units; one value for all, or as many as channels.
        std: of each channel; one value, or as many.
        pad_size_divisor: height and width become multiples of it.
        pad_value: what is padded with, after normalisation.
        bgr_to_rgb: whether to turn the first three channels round, and drop a fourth (alpha).
        rgb_to_bgr: the same; only one of the two can be set.
        non_blocking: whether the host goes on while pinned memory is copied.

    Raises:
        ValueError: ``mean`` without ``std``, another number of values, or both turns.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        mean: Sequence[float | int] | None = None,
        std: Sequence[float | int] | None = None,
        pad_size_divisor: int = 1,
        pad_value: float | int = 0,
        bgr_to_rgb: bool = False,
        rgb_to_bgr: bool = False,
        non_blocking: bool | None = False,
    ) -> None:
        super().__init__(non_blocking)
        if bgr_to_rgb and rgb_to_bgr:
            raise ValueError("bgr_to_rgb and rgb_to_bgr undo each other: set one of them")
        if (mean is None) != (std is None):
            raise ValueError(f"mean and std go together: got mean={mean} and std={std}")
        self._enable_normalize = mean is not None
        if mean is not None and std is not None:
            if (
                not len(mean)
                or not len(std)
                or (len(mean) != len(std) and 1 not in (len(mean), len(std)))
            ):
                raise ValueError(
                    "mean and std have one value, or one for each channel, got "
                    f"mean={list(mean)} and std={list(std)}"
                )
            self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1).float(), False)
            self.register_buffer("std", torch.tensor(std).view(-1, 1, 1).float(), False)
        self._channel_conversion = rgb_to_bgr or bgr_to_rgb
        self.pad_size_divisor = pad_size_divisor
        self.pad_value = pad_value

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the batch on the device, with ``inputs`` as one tensor (N,C,H,W).

        Raises:
            TypeError: the batch has no ``inputs``, or they are no tensors or arrays.
            ValueError: an image has another number of dimensions or channels.
        """
        if not isinstance(data, Mapping) or "inputs" not in data:
            got = sorted(data) if isinstance(data, Mapping) else type(data).__name__
            raise TypeError(f"a batch of images must be a dict with the key 'inputs', got {got}")
        data = self.cast_data(data)
        images = data["inputs"]
        if isinstance(images, Tensor | np.ndarray):
            data["inputs"] = self._padded(self._normalised(images, dims=4))
        elif isinstance(images, Sequence) and not isinstance(images, str):
            normalised = [self._normalised(image, dims=3) for image in images]
            data["inputs"] = stack_batch(normalised, self.pad_size_divisor, self.pad_value)
        else:
            raise TypeError(
                f"inputs must be a list of (C,H,W) tensors or one (N,C,H,W), got {type(images)}"
            )
        data.setdefault("data_samples", None)
        return data

    def _normalised(self, images: Any, *, dims: int) -> Tensor:
        if isinstance(images, np.ndarray):
            images = self._moved(torch.from_numpy(images))
        if not isinstance(images, Tensor):
            raise TypeError(f"images must be tensors or arrays, got {type(images).__name__}")
        is_plain = dims == 3 and not (self._enable_normalize or self._channel_conversion)
        if images.dim() != dims and not is_plain:
            wanted = "(N,C,H,W)" if dims == 4 else "(C,H,W)"
            raise ValueError(f"images must be {wanted}, got a tensor {tuple(images.shape)}")
        if self._channel_conversion:
            if images.shape[-3] not in (3, 4):
                raise ValueError(
                    f"bgr_to_rgb and rgb_to_bgr need 3 or 4 channels, got {tuple(images.shape)}"
                )
            images = images[..., :3, :, :].flip(-3)
        images = images.float()
        if not self._enable_normalize:
            found: Tensor = images
            return found
        count = max(self.mean.shape[0], self.std.shape[0])
        if count not in (1, images.shape[-3]):
            raise ValueError(
                f"mean and std have {count} values, and the shape of an image is "
                f"{tuple(images.shape)}"
            )
        normalised: Tensor = (images - self.mean) / self.std
        return normalised

    def _padded(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        every = self.pad_size_divisor
        padding = (0, -width % every, 0, -height % every)
        return functional.pad(images, padding, "constant", self.pad_value)
