"""Watching an optimizer wrapper at work, whatever its class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["replace_method", "wrappers_of"]


def wrappers_of(optim_wrapper: Any) -> list[Any]:
    """Return the wrappers of single optimizers: the one itself, or those of several."""
    several = hasattr(optim_wrapper, "optim_wrappers")
    return [*optim_wrapper.values()] if several else [optim_wrapper]


def replace_method(owner: Any, name: str, function: Callable[..., Any]) -> Callable[[], None]:
    """Put a function in place of a method of one object, and return what takes that back."""
    own = vars(owner)
    if name in own:
        undo: Callable[[], None] = partial(setattr, owner, name, own[name])
    else:
        undo = partial(delattr, owner, name)
    setattr(owner, name, function)
    return undo
