"""Initialisation of a module as its config says, its children by override."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_model.initializers import BaseInit, logger
from engine_registry import WEIGHT_INITIALIZERS

__all__ = ["initialize"]


class MissingChildError(RuntimeError, AttributeError):
    """A module has no child of the name that an initialiser is to initialise."""


def initialize(module: nn.Module, init_cfg: Any) -> None:
    """Initialise a module as a config says.

    Args:
        module: the module.
        init_cfg: the config of an initialiser, or a list of them. With ``override``, a config or a
            list of configs with ``name``, the child of that name is initialised whole, by the
            initialiser that the ``override`` describes, or, if it has no ``type``, by this one.

    Raises:
        TypeError: it is no config.
        ValueError: an ``override`` has no ``name``, or arguments without ``type``.
        MissingChildError: the module has no child of an override's ``name``.
    """
    for config in _listed(init_cfg, "init_cfg"):
        own = dict(config)
        override = own.pop("override", None)
        init = WEIGHT_INITIALIZERS.build(own)
        if isinstance(init, BaseInit) and not init.layer and override is None:
            logger.warning("an init_cfg without layer and override initialises nothing: %s", config)
        init(module)
        if override is not None:
            own.pop("layer", None)
            for each in _listed(override, "override"):
                _override(module, each, own)


def _listed(configs: Any, what: str) -> list[Any]:
    found = list(configs) if isinstance(configs, list | tuple) else [configs]
    if not all(isinstance(each, dict) for each in found):
        raise TypeError(f"{what} must be a config or a list of configs, got {configs!r:.200}")
    return found


def _override(module: nn.Module, override: dict[str, Any], outer: dict[str, Any]) -> None:
    """Initialise the child that ``override`` names, all of it."""
    config = dict(override)
    name = config.pop("name", None)
    if not isinstance(name, str):
        raise ValueError(f"override needs 'name', a child of the module: got {override}")
    child = getattr(module, name, None)
    if not isinstance(child, nn.Module):
        children = ", ".join(key for key, _ in module.named_children()) or "none"
        raise MissingChildError(
            f"override: {type(module).__name__} has no module {name!r}; there are {children}"
        )
    if config and "type" not in config:
        raise ValueError(f"override of {name!r} has arguments, and no 'type': got {override}")
    init = WEIGHT_INITIALIZERS.build(config or outer)
    if isinstance(init, BaseInit):
        init.wholemodule = True
    init(child)
