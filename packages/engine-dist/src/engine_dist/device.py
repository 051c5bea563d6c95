"""Which device this process computes on, which one a group talks through, and moves between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed import ProcessGroup

__all__ = [
    "accelerator",
    "accelerator_backend",
    "cast_data_device",
    "get_comm_device",
    "get_data_device",
    "set_device",
]

# The library that each kind of device talks through; what is not here talks through gloo.
_BACKEND_OF = {
    "cuda": "nccl",  # AMD's ROCm too: its RCCL goes by this name
    "npu": "hccl",
    "mlu": "cncl",
    "musa": "mccl",
    "xpu": "xccl",
    "hpu": "hccl",
}
_DEVICE_OF = {backend: device for device, backend in _BACKEND_OF.items() if device != "hpu"} | {
    "smddp": "cuda"
}


def accelerator() -> str | None:
    """Type of the accelerator that is here ("cuda", "npu", "xpu", ...), or None on a plain CPU.

    torch knows its own and those whose package registers with it. A package that only renames
    torch's PrivateUse1 device is recognised by that name.
    """
    if torch.accelerator.is_available():
        found = torch.accelerator.current_accelerator()
        return None if found is None else found.type
    renamed: str = torch._C._get_privateuse1_backend_name()
    module = getattr(torch, renamed, None)
    return renamed if module is not None and module.is_available() else None


def accelerator_backend(requested: str) -> str:
    """Return the back-end to use where ``requested`` was asked for.

    A back-end of an accelerator stands for that of the accelerator that is here, so that a
    configuration that says "nccl" (the default) runs on any machine: "hccl" on Ascend, "gloo" on
    a CPU. Others ("gloo", "mpi", "cpu:gloo,cuda:nccl") are taken as they are.
    """
    if requested not in _DEVICE_OF:
        return requested
    return _BACKEND_OF.get(accelerator() or "cpu", "gloo")


def set_device(local_rank: int) -> None:
    """Make the accelerator of this index, counted around, the current one of this process."""
    kind = accelerator()
    if kind is not None:
        module = getattr(torch, kind)
        module.set_device(local_rank % module.device_count())


def get_comm_device(group: ProcessGroup | None = None) -> torch.device:
    """Return the device on which ``group`` exchanges tensors.

    Args:
        group: the default group if None.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return torch.device("cpu")
    backend = dist.get_backend(group)
    device = _DEVICE_OF.get(backend)
    if device == "npu" and accelerator() == "hpu":
        device = "hpu"
    if device is None:
        return torch.device("cpu")
    return torch.device(device, getattr(torch, device).current_device())


def get_data_device(data: Tensor | Mapping[Any, Any] | Iterable[Any]) -> torch.device:
    """Return the device that all tensors in ``data``, at any depth, are on.

    Raises:
        TypeError: ``data`` holds something that is no tensor, mapping or sequence.
        ValueError: it holds no tensor, or tensors on several devices.
    """
    devices = {tensor.device: None for tensor in _tensors(data)}
    if not devices:
        raise ValueError(f"data must hold at least one tensor: got {data!r:.80}")
    if len(devices) > 1:
        names = ", ".join(map(str, devices))
        raise ValueError(f"all tensors of data must be on one device: got {names}")
    return next(iter(devices))


def cast_data_device(
    data: Tensor | Mapping[Any, Any] | Iterable[Any],
    device: torch.device,
    out: Tensor | Mapping[Any, Any] | Iterable[Any] | None = None,
) -> Any:
    """Return ``data`` with every tensor on ``device``, in containers of the same types.

    Args:
        data: a tensor, or mappings and sequences of them.
        device: where to.
        out: of the same structure as ``data``: its tensors are overwritten, and it is returned.

    Raises:
        TypeError: ``data`` holds something that is no tensor, mapping or sequence.
        ValueError: ``out`` is of another structure.
    """
    if out is not None:
        sources, targets = list(_tensors(data)), list(_tensors(out))
        if type(out) is not type(data) or len(sources) != len(targets):
            raise ValueError(
                f"out must have the structure of data: got {type(out).__name__} of "
                f"{len(targets)} tensors for {type(data).__name__} of {len(sources)}"
            )
        for source, target in zip(sources, targets, strict=True):
            target.copy_(source)
        return out
    if isinstance(data, Tensor):
        return data.to(device)
    again: Any = type(data)  # a container that is made from what it holds
    if isinstance(data, Mapping):
        return again({key: cast_data_device(value, device) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return again(*(cast_data_device(value, device) for value in data))
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return again([cast_data_device(value, device) for value in data])
    raise TypeError(_not_tensors(data))


def _tensors(data: Any) -> Iterable[Tensor]:
    """Every tensor in ``data``, in order."""
    if isinstance(data, Tensor):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _tensors(value)
    elif isinstance(data, Iterable) and not isinstance(data, str | bytes):
        for value in data:
            yield from _tensors(value)
    else:
        raise TypeError(_not_tensors(data))


def _not_tensors(data: object) -> str:
    return (
        "data must be a tensor, or mappings and sequences of tensors: "
        f"got {type(data).__name__} {data!r:.80}"
    )
