"""Flattening of a checkpoint: tensors by stable names, and all the rest; and back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor

from engine_dist.shards import is_sharded

__all__ = ["Parts", "Place", "joined", "parameter_names", "taken_apart"]

Place = tuple[str | int, ...]

# What all ranks have: plain tensors elsewhere are the main rank's alone.
_TOGETHER: Final = ("state_dict", "ema_state_dict", "optimizer")


@dataclass(kw_only=True)
class Parts:
    """A checkpoint without its tensors, and where in it they belong.

    Attributes:
        content: the checkpoint, with None in the place of each tensor.
        places: where each tensor was, by keys and indices, and its name.
        tensors: by name; several places may share one.
        paths: each name in its parts.
    """

    content: Any = None
    places: list[tuple[Place, str]] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    paths: dict[str, Place] = field(default_factory=dict)


def taken_apart(checkpoint: Mapping[str, Any]) -> Parts:
    """Take the tensors out of weights and optimizers, and spread ones out of everything.

    A weight is named for its place, such as ``state_dict.head.bias``, a state of an optimizer for
    its parameter, ``optimizer.state.head.bias.exp_avg``, where the parameter groups tell the names
    as ``param_names``: a name depends neither on ranks nor on how a model is spread.
    """
    taking = _Taking()
    taking.parts.content = taking.without(checkpoint, (), ())
    return taking.parts


class _Taking:
    """Goes through a checkpoint once."""

    def __init__(self) -> None:
        self.parts = Parts()
        self._seen: dict[int, str] = {}

    def without(
        self, value: Any, place: Place, path: Place, *, names: Mapping[Any, str] | None = None
    ) -> Any:
        """Return ``value`` without tensors; ``names`` are other names of its keys."""
        if isinstance(value, Tensor):
            return None if self._take(value, place, path) else value
        if isinstance(value, dict):
            same = copy.copy(value)
            for key, each in value.items():
                called = (names or {}).get(key, key)
                inner = _parameters(value) if key == "state" else None
                same[key] = self.without(each, (*place, key), (*path, called), names=inner)
            return same
        if type(value) in (list, tuple):
            return type(value)(
                self.without(each, (*place, number), (*path, number))
                for number, each in enumerate(value)
            )
        return value

    def _take(self, tensor: Tensor, place: Place, path: Place) -> bool:
        is_plain = not is_sharded(tensor)
        if is_plain and (place[0] not in _TOGETHER or tensor.layout != torch.strided):
            return False
        if not tensor.numel() or (is_plain and tensor.is_quantized):
            return False
        name = self._seen.get(id(tensor))
        if name is None:
            name = ".".join(map(str, path))
            while name in self.parts.tensors:  # ("a.b", "c") and ("a", "b.c")
                name += "'"
            self._seen[id(tensor)] = name
            self.parts.tensors[name] = tensor
            self.parts.paths[name] = path
        self.parts.places.append((place, name))
        return True


def _parameters(state: Mapping[Any, Any]) -> dict[Any, str]:
    """The names of the parameters of an optimizer's state, by their numbers."""
    groups = state.get("param_groups")
    found: dict[Any, str] = {}
    if isinstance(groups, Sequence):
        for group in groups:
            if isinstance(group, Mapping) and "param_names" in group:
                found |= dict(zip(group["params"], group["param_names"], strict=True))
    return found


def parameter_names(content: Any) -> set[str]:
    """Return the names of the parameters that optimizers in a checkpoint tell."""
    if not isinstance(content, Mapping):
        return set()
    found = set(_parameters(content).values())
    return found.union(*(parameter_names(each) for each in content.values()))


def joined(
    content: Any, places: Sequence[tuple[Place, str]], read: Callable[[str], Any]
) -> dict[str, Any]:
    """Put tensors into their places.

    Args:
        content: see `Parts`; it is changed.
        places: see `Parts`.
        read: returns the tensor of a name.

    Raises:
        LookupError: there is no such place.
    """
    found: dict[str, Any] = {}
    for place, name in places:
        if name not in found:
            found[name] = read(name)
        _put(content, place, found[name])
    return dict(content)


def _put(content: Any, place: Place, value: Any) -> None:
    *way, last = place
    inner = content
    for key in way:
        inner = inner[key]
    if isinstance(inner, tuple):  # a tuple is made anew, and so is one that holds it
        at = int(last)
        _put(content, tuple(way), (*inner[:at], value, *inner[at + 1 :]))
    else:
        inner[last] = value
