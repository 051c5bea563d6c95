"""The tensors of a model beside those of its average, looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from engine_dist.shards import is_sharded, local

__all__ = ["TensorPairs", "alike", "copy_all"]

# A dict of a module, a name in it, and what was found there.
_Slot = tuple[dict[str, Tensor | None], str, Tensor]


class TensorPairs:
    """Walking through a large model takes longer than averaging it, so it is done once.

    What was found is looked up again at every use: if a tensor was replaced, as moving a model
    replaces its buffers, the model is walked through anew.

    Of tensors that are spread over processes it is this one's parts.

    Attributes:
        parameters: (average, model's) of each parameter.
        buffers: (average, model's) of each buffer.
    """

    def __init__(self) -> None:
        self._models: tuple[nn.Module, nn.Module] | None = None
        self._slots: list[_Slot] = []
        self.parameters: list[tuple[Tensor, Tensor]] = []
        self.buffers: list[tuple[Tensor, Tensor]] = []

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[()]]:
        """Copy or pickle nothing of it: it would be the whole model."""
        return TensorPairs, ()

    def look_up(self, averaged: nn.Module, model: nn.Module) -> None:
        """Find the tensors of two models.

        Raises:
            ValueError: the models have different numbers of parameters or buffers.
        """
        known = self._models
        if known is not None and known[0] is averaged and known[1] is model and self._hold():
            return
        self._models, self._slots = (averaged, model), []
        self.parameters = self._paired("_parameters")
        self.buffers = self._paired("_buffers")

    def _hold(self) -> bool:
        return all(held.get(name) is tensor for held, name, tensor in self._slots)

    def _paired(self, kind: str) -> list[tuple[Tensor, Tensor]]:
        assert self._models is not None  # look_up has set it
        own, theirs = ([*_slots(model, kind)] for model in self._models)
        if len(own) != len(theirs):
            raise ValueError(
                f"the model is not the one that is averaged: it has {len(theirs)} "
                f"{kind.strip('_')} where that has {len(own)}"
            )
        self._slots += own + theirs
        return [
            (_own_part(average[2]), _own_part(source[2]))
            for average, source in zip(own, theirs, strict=True)
        ]


def _own_part(tensor: Tensor) -> Tensor:
    """What this process has of a tensor; a whole one itself, whose memory may yet be another."""
    return local(tensor.detach()) if is_sharded(tensor) else tensor


def _slots(model: nn.Module, kind: str) -> Iterator[_Slot]:
    """Every tensor of a kind once, in torch's order."""
    seen = set()
    for module in model.modules():
        held: dict[str, Tensor | None] = getattr(module, kind)
        for name, tensor in held.items():
            if tensor is not None and id(tensor) not in seen:
                seen.add(id(tensor))
                yield held, name, tensor


def alike(pairs: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """Return the pairs, each second one in the dtype and on the device of the first."""
    if all(a.dtype is b.dtype and a.device == b.device for a, b in pairs):
        return pairs
    return [(average, source.detach().to(average)) for average, source in pairs]


def copy_all(pairs: list[tuple[Tensor, Tensor]]) -> None:
    """Copy each second one into the first, with one call for each dtype."""
    by_dtype: dict[torch.dtype, tuple[list[Tensor], list[Tensor]]] = {}
    for average, source in pairs:
        into, out_of = by_dtype.setdefault(average.dtype, ([], []))
        into.append(average)
        out_of.append(source)
    for into, out_of in by_dtype.values():
        torch._foreach_copy_(into, out_of)
