"""Metrics whose state is summed up over ranks, where others gather every prediction."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

import torch
from torch import Tensor
from torch.distributed import get_process_group_ranks

from engine_dist import (
    all_reduce,
    broadcast_object_list,
    gather_object,
    get_data_group,
    get_world_size,
    is_main_process,
)
from engine_evaluator.metric import to_cpu
from engine_evaluator.streaming import StreamingMetric

__all__ = ["MergeableMetric"]

_REDUCTIONS: Final = ("sum", "min", "max", "cat")


class MergeableMetric(StreamingMetric):
    """Keeps sums, counts, extremes or histograms, which a few numbers of each rank make whole.

    `update` adds a batch to the state, on the device and without waiting for it; at the end the
    states of all ranks are reduced, with one message for all of a dtype and reduction, and
    `compute` makes numbers of them on the main rank.

    Examples:
        >>> class MeanError(MergeableMetric):
        ...     total: Tensor
        ...
        ...     def __init__(self, prefix=None):
        ...         super().__init__(prefix)
        ...         self.add_state("total", torch.zeros(2))
        ...
        ...     def update(self, data_batch, data_samples):
        ...         errors = torch.stack([(found - y).abs() for found, y in data_samples])
        ...         self.total += torch.stack([errors.sum(), torch.ones_like(errors).sum()])
        ...
        ...     def compute(self):
        ...         return {"error": float(self.total[0] / self.total[1])}

    Args:
        prefix: comes before each name, with a slash; by default `default_prefix`.
    """

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self._defaults: dict[str, Tensor] = {}
        self._reductions: dict[str, str] = {}

    def add_state(self, name: str, default: Tensor | None = None, reduce: str = "sum") -> None:
        """Add a part of the state, which then is the attribute ``name``.

        Args:
            name: of the attribute.
            default: what it is before the first batch. None for "cat".
            reduce: "sum", "min" or "max" over ranks; or "cat": a list to which `update` appends
                tensors, which `compute` finds as one tensor on the CPU, one rank's after the
                other's. That gathers them: keep it for what can't be summed.

        Raises:
            ValueError: there is no such reduction, or the name is taken.
            TypeError: ``default`` is no tensor; or one, for "cat".
        """
        if reduce not in _REDUCTIONS:
            raise ValueError(f"reduce must be one of {_REDUCTIONS}: got {reduce!r}")
        if not name.isidentifier() or hasattr(self, name):
            raise ValueError(f"a state can't be called {name!r}: it is taken, or no name")
        if (reduce == "cat") != (default is None) or not isinstance(default, Tensor | None):
            wanted = "has no default" if reduce == "cat" else "needs a tensor as its default"
            raise TypeError(f"the state {name!r}, with reduce={reduce!r}, {wanted}: {default!r}")
        self._reductions[name] = reduce
        if default is not None:
            self._defaults[name] = default.detach().clone()
        self._set_default(name)

    def _set_default(self, name: str) -> None:
        default = self._defaults.get(name)
        setattr(self, name, [] if default is None else default.clone())

    @abstractmethod
    def compute(self) -> dict[str, Any]:
        """Return the numbers by name; called on the main rank, with the state of all."""

    def to(self, device: torch.device) -> None:
        """Move the state to a device."""
        for name in self._defaults:
            setattr(self, name, getattr(self, name).to(device))

    def reset(self) -> None:
        """Put the state back to its defaults, on the CPU."""
        super().reset()
        for name in self._reductions:
            self._set_default(name)

    def evaluate(self, size: int) -> dict[str, Any]:
        """Return the numbers, by prefixed name, on every rank, and forget the state.

        Args:
            size: how many samples there are; see `begin_evaluation`.
        """
        self.check_number(size)
        self.merge()
        found: list[Any] = [None]
        if is_main_process():
            head = f"{self.prefix}/" if self.prefix else ""
            found = [{f"{head}{name}": to_cpu(each) for name, each in self.compute().items()}]
        broadcast_object_list(found)
        self.reset()
        metrics: dict[str, Any] = found[0]
        return metrics

    def merge(self) -> None:
        """Reduce the state over all ranks; what is to be concatenated, on the main one alone."""
        if get_world_size() > 1:
            for reduction in _REDUCTIONS[:-1]:
                self._merge_by(reduction)
        for name, reduction in self._reductions.items():
            if reduction == "cat":
                own: list[Tensor] = [each.detach() for each in getattr(self, name)]
                group = get_data_group()
                first = 0 if group is None else get_process_group_ranks(group)[0]
                parts = gather_object(torch.cat(own).cpu() if own else None, first, group) or []
                kept = [each for each in parts if each is not None]
                setattr(self, name, torch.cat(kept) if kept else torch.zeros(0))

    def _merge_by(self, reduction: str) -> None:
        """Reduce all of one reduction, each dtype in one message."""
        names = [name for name, each in self._reductions.items() if each == reduction]
        by_dtype: dict[torch.dtype, list[str]] = {}
        for name in names:
            by_dtype.setdefault(self._defaults[name].dtype, []).append(name)
        for dtype, group in by_dtype.items():
            states: list[Tensor] = [getattr(self, name).detach() for name in group]
            packed = torch.cat([each.flatten().to(dtype) for each in states])
            all_reduce(packed, reduction, get_data_group())
            parts = torch.split(packed, [each.numel() for each in states])
            for name, state, part in zip(group, states, parts, strict=True):
                setattr(self, name, part.reshape(state.shape))
