"""Models in wrappers, such as torch's DistributedDataParallel: which are, and what is inside."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from torch import nn
from torch.nn.parallel import DataParallel, DistributedDataParallel

from engine_registry import MODEL_WRAPPERS
from engine_registry.plugins import load_plugins

__all__ = ["is_model_wrapper", "name_matches", "without_wrapper"]


def is_model_wrapper(model: nn.Module, registry: Any = MODEL_WRAPPERS) -> bool:
    """Whether ``model`` is a wrapper: one that a registry of wrappers holds.

    Args:
        model: the model.
        registry: which registry; torch's wrappers are in `MODEL_WRAPPERS`.
    """
    is_torchs = isinstance(model, DistributedDataParallel | DataParallel)
    if is_torchs and registry is MODEL_WRAPPERS:
        return True
    load_plugins()  # an engine's wrapper may be there before its name was asked for
    wrappers = [each for each in registry.module_dict.values() if isinstance(each, type)]
    if isinstance(model, tuple(wrappers)):
        return True
    return any(is_model_wrapper(model, child) for child in registry.children.values())


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
