"""Dry-run report: what was rehearsed, and what a batch, a model and the memory looked like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from engine_dist.accelerator import get_device, max_memory_mb
from engine_structures import BaseDataElement

__all__ = [
    "DryRunReport",
    "Rehearsed",
    "describe_batch",
    "describe_model",
    "is_scalar",
    "peak_memory",
    "reset_peak",
    "shown_number",
]

_SHOWN = 6  # parts of a batch


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One thing that a dry run did.

    Attributes:
        what: "build", "train", "checkpoint", "val" or "test".
        time_s: seconds that it took.
        details: what was seen, in lines.
    """

    what: str
    time_s: float
    details: Sequence[str]


@dataclass(kw_only=True)
class DryRunReport:
    """What a dry run found; as text, a table.

    Attributes:
        rehearsed: what was done, in order.
        problems: what failed, or would.
    """

    rehearsed: list[Rehearsed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def __str__(self) -> str:
        lines = []
        for each in self.rehearsed:
            first, *rest = each.details or [""]
            lines.append(f"{each.what:<11}{each.time_s:>8.2f} s   {first}")
            lines += [f"{'':<24}{line}" for line in rest]
        lines += [f"problem: {problem}" for problem in self.problems]
        lines.append("nothing is wrong" if self.is_ready else f"problems: {len(self.problems)}")
        return "\n".join(lines)


def describe_model(model: nn.Module, name: str) -> str:
    """Return how large a model is, and where, in a line."""
    parameters = list(model.parameters())
    total = sum(each.numel() for each in parameters)
    trained = sum(each.numel() for each in parameters if each.requires_grad)
    device = parameters[0].device if parameters else get_device()
    return f"{name}: {total:,} parameters, {trained:,} of them trained, on {device}"


def describe_batch(batch: Any, name: str = "batch") -> list[str]:
    """Return the parts of a batch, a line each: name, type, shape."""
    if isinstance(batch, Tensor):
        return [f"{name}: {tuple(batch.shape)} {str(batch.dtype).removeprefix('torch.')}"]
    if isinstance(batch, Mapping):
        parts = [(f"{name}.{key}", value) for key, value in batch.items()]
    elif isinstance(batch, list | tuple) and batch:
        same = len({(type(each), getattr(each, "shape", None)) for each in batch}) == 1
        if same and (len(batch) > 2 or not isinstance(batch[0], Tensor)):
            return [
                f"{line}, {len(batch)} times" for line in describe_batch(batch[0], f"{name}[...]")
            ]
        parts = [(f"{name}[{index}]", value) for index, value in enumerate(batch)]
    elif isinstance(batch, BaseDataElement):
        return [f"{name}: {type(batch).__name__} of {', '.join(map(str, batch.keys()))}"]
    else:
        return [f"{name}: {type(batch).__name__}"]
    lines = [line for part, value in parts for line in describe_batch(value, part)]
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]


def is_scalar(value: Any) -> bool:
    """Whether a value is a tensor of one number."""
    return isinstance(value, Tensor) and value.ndim == 0


def shown_number(value: Any) -> str:
    """Return a number as text; of anything else three dots."""
    return f"{float(value):.4g}" if isinstance(value, int | float) or is_scalar(value) else "..."


def reset_peak() -> None:
    """Forget how much memory the device has taken."""
    device: Any = getattr(torch, get_device(), None)
    if hasattr(device, "reset_peak_memory_stats"):
        device.reset_peak_memory_stats()


def peak_memory() -> list[str]:
    """Return the most memory that the device has taken; nothing for a CPU, which is shared."""
    device = get_device()
    memory = None if device == "cpu" else max_memory_mb(device)
    return [] if memory is None else [f"memory on {device}: {memory} MB"]
