"""The state of an optimizer told by the names of parameters, not by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from torch import nn

from engine_dist.wrapping import without_wrapper

__all__ = ["in_own_order", "with_names"]

_NAMES: Final = "param_names"  # as torch's own optimizers call them that were given names


def with_names(state: Mapping[str, Any], optim_wrapper: Any, model: nn.Module) -> dict[str, Any]:
    """Return the state of a wrapper, or of several, with the names of each group's parameters."""
    wrappers = getattr(optim_wrapper, "optim_wrappers", None)
    if wrappers is not None:
        return {name: with_names(state[name], wrappers[name], model) for name in state}
    names = _own_names(optim_wrapper, model)
    groups = [
        {**group, _NAMES: own} for group, own in zip(state["param_groups"], names, strict=True)
    ]
    return {**state, "param_groups": groups}


def in_own_order(state: Mapping[str, Any], optim_wrapper: Any, model: nn.Module) -> dict[str, Any]:
    """Return a state as an optimizer takes it: by its own numbers, and without names.

    A state that tells no names is returned as it is.

    Raises:
        ValueError: it is of other parameters.
    """
    wrappers = getattr(optim_wrapper, "optim_wrappers", None)
    if wrappers is not None:
        return {
            name: in_own_order(each, wrappers[name], model) if name in wrappers else each
            for name, each in state.items()
        }
    saved = state.get("param_groups", ())
    if not all(_NAMES in group for group in saved):
        return dict(state)
    numbers, settings = {}, {}
    for group in saved:
        for number, name in zip(group["params"], group[_NAMES], strict=True):
            numbers[name] = number
            settings[name] = {key: each for key, each in group.items() if key != _NAMES}
    names = _own_names(optim_wrapper, model)
    wrong = numbers.keys() ^ {name for group in names for name in group}
    if wrong:
        raise ValueError(f"it is of other parameters: {min(wrong)} is there or here alone")
    groups, states, count = [], {}, 0
    for own in names:
        places = [*range(count, count + len(own))]
        count += len(own)
        groups.append({**(settings[own[0]] if own else {}), "params": places})
        for place, name in zip(places, own, strict=True):
            if numbers[name] in state["state"]:
                states[place] = state["state"][numbers[name]]
    return {**state, "state": states, "param_groups": groups}


def _own_names(optim_wrapper: Any, model: nn.Module) -> list[list[str]]:
    inner: nn.Module = without_wrapper(model)
    names = {id(each): name for name, each in inner.named_parameters()}
    return [
        [names.get(id(each), f"unnamed.{place}.{at}") for at, each in enumerate(group["params"])]
        for place, group in enumerate(optim_wrapper.optimizer.param_groups)
    ]
