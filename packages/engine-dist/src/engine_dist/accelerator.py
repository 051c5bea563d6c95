"""Accelerators: which one is there, and how much memory was taken on it.

Adding a device is one row of ``_DEVICES``. Nothing here starts a device: forking stays possible.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import torch

from engine_dist.device import accelerator

__all__ = [
    "empty_cache",
    "get_device",
    "get_max_cuda_memory",
    "get_max_musa_memory",
    "is_cuda_available",
    "is_dipu_available",
    "is_mlu_available",
    "is_mps_available",
    "is_musa_available",
    "is_npu_available",
    "is_npu_support_full_precision",
    "is_xpu_available",
    "max_memory_mb",
]


class _Device(NamedTuple):
    """A kind of accelerator: torch's name for it, and the package that brings it to torch."""

    name: str
    package: str = ""


# In the order in which they are taken. ROCm is torch's "cuda".
_DEVICES: Final = (
    _Device("npu", "torch_npu"),
    _Device("cuda"),
    _Device("mlu", "torch_mlu"),
    _Device("mps"),
    _Device("dipu", "torch_dipu"),
    _Device("musa", "torch_musa"),
    _Device("xpu"),
)


def get_device() -> str:
    """Return torch's name of the device to train on: an accelerator's if one is there, or "cpu".

    A device outside the table that registered itself with torch (a PrivateUse1 back-end) is found
    through ``torch.accelerator``.
    """
    for device in _DEVICES:
        if _is_available(device.name):
            return device.name
    found = accelerator()
    return found if found and _is_available(found) else "cpu"


def _is_available(name: str) -> bool:
    """Whether torch can use a device of this kind now."""
    package = next((each.package for each in _DEVICES if each.name == name), "")
    if package:
        if importlib.util.find_spec(package) is None:
            return False
        importlib.import_module(package)
    backend = getattr(torch.backends, name, None) if name == "mps" else getattr(torch, name, None)
    ask: Callable[[], bool] | None = getattr(backend, "is_available", None)
    return bool(ask and ask())


def is_cuda_available() -> bool:
    """Whether there is a GPU of NVIDIA (CUDA) or AMD (ROCm)."""
    return _is_available("cuda")


def is_npu_available() -> bool:
    """Whether there is an Ascend NPU (package torch_npu)."""
    return _is_available("npu")


def is_mlu_available() -> bool:
    """Whether there is a Cambricon MLU (package torch_mlu)."""
    return _is_available("mlu")


def is_mps_available() -> bool:
    """Whether there is an Apple GPU."""
    return _is_available("mps")


def is_dipu_available() -> bool:
    """Whether there is a device of DeepLink's (package torch_dipu)."""
    return _is_available("dipu")


def is_musa_available() -> bool:
    """Whether there is a Moore Threads GPU (package torch_musa)."""
    return _is_available("musa")


def is_xpu_available() -> bool:
    """Whether there is an Intel GPU."""
    return _is_available("xpu")


def is_npu_support_full_precision() -> bool:
    """Whether there is an Ascend NPU that computes in float32: the 910B and later do."""
    if not is_npu_available():
        return False
    npu: Any = vars(torch)["npu"]  # torch_npu adds it
    return bool(npu.utils.get_soc_version() >= 220)


def get_max_cuda_memory(device: torch.device | None = None) -> int:
    """Return the most memory that tensors took on a GPU since this was last asked, in MB."""
    memory = torch.cuda.max_memory_allocated(device=device)
    torch.cuda.reset_peak_memory_stats()
    return int(memory) // (1024 * 1024)


def get_max_musa_memory(device: torch.device | None = None) -> int:
    """Return the most memory that tensors took on a Moore Threads GPU since last asked, in MB."""
    musa: Any = vars(torch)["musa"]  # torch_musa adds it
    memory = musa.max_memory_allocated(device=device)
    musa.reset_peak_memory_stats()
    return int(memory) // (1024 * 1024)


def max_memory_mb(device: str) -> int | None:
    """Return the most memory that tensors took on a device so far, in MB; None if it can't say."""
    ask = getattr(getattr(torch, device, None), "max_memory_allocated", None)
    return None if ask is None else int(ask()) // (1024 * 1024)


def empty_cache(device: str) -> None:
    """Give memory that torch holds on a device, and no tensor uses, back to others."""
    release = getattr(getattr(torch, device, None), "empty_cache", None)
    if release is not None:
        release()
