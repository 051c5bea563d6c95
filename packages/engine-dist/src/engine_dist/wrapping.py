"""Models in wrappers, such as torch's DistributedDataParallel: which are, and what is inside."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from torch import nn
from torch.nn.parallel import DataParallel, DistributedDataParallel

__all__ = ["GROUP", "is_model_wrapper", "name_matches", "without_wrapper"]

GROUP = "engine.dist.model_wrappers"
"""Entry points of functions that return a registry of wrappers, as engine-registry's."""


def is_model_wrapper(model: nn.Module, registry: Any = None) -> bool:
    """Whether ``model`` is a wrapper: one that a registry of wrappers holds.

    Args:
        model: the model.
        registry: which registry; None means torch's wrappers, and those of all installed
            registries.
    """
    if registry is None:
        is_torchs = isinstance(model, DistributedDataParallel | DataParallel)
        return is_torchs or any(is_model_wrapper(model, source()) for source in _sources())
    wrappers = [each for each in registry.module_dict.values() if isinstance(each, type)]
    if isinstance(model, tuple(wrappers)):
        return True
    return any(is_model_wrapper(model, child) for child in registry.children.values())


@cache
def _sources() -> list[Callable[[], Any]]:
    return [entry.load() for entry in entry_points(group=GROUP)]


def without_wrapper(model: Any) -> Any:
    """Return the model inside a wrapper, or in several; itself if it is in none.

    That a torch module has an attribute ``module`` doesn't make it a wrapper; an object that is no
    torch module, but has one as ``module``, is.
    """
    while is_model_wrapper(model) or _holds_module(model):
        model = model.module
    return model


def _holds_module(model: Any) -> bool:
    return not isinstance(model, nn.Module) and isinstance(vars(model).get("module"), nn.Module)


def name_matches(name: str, pattern: str) -> bool:
    """Whether a submodule's or parameter's name is as a pattern says, part by part.

    ``layers.*`` means ``layers.0``, but not ``layers.0.norm``. The empty name, of the whole, is of
    no pattern.
    """
    if not name:
        return not pattern
    parts, wanted = name.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
