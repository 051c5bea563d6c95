"""Linear layers that multiply in eight-bit floating point, by torchao."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import torch
from torch import nn

from engine_dist.wrapping import name_matches

__all__ = ["turn_on_float8", "why_no_float8"]

_CAPABILITY: Final = (8, 9)  # of the first GPUs that multiply in float8: NVIDIA's Ada
_MULTIPLE: Final = 16  # what the sizes of a layer have to be divisible by


def why_no_float8(device: torch.device) -> str | None:
    """Return why a device can't train in float8, and what can be done instead; None if it can."""
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= _CAPABILITY:
        return None
    return (
        f"train in float8 on {device.type}, which takes an NVIDIA GPU of compute capability 8.9 or "
        "more (Ada, Hopper, Blackwell): leave float8 away, and use AmpOptimWrapper with bfloat16"
    )


def turn_on_float8(model: nn.Module, settings: bool | Mapping[str, Any]) -> None:
    """Let linear layers multiply in float8 while they are trained; weights keep names and dtype.

    Layers whose sizes aren't multiples of 16 are left as they are.

    Args:
        model: the model.
        settings: True, or ``recipe``, one of torchao's ("tensorwise", "rowwise",
            "rowwise_with_gw_hp"), and ``modules``, patterns of names of the layers; all by default.

    Raises:
        ImportError: torchao isn't installed.
        TypeError: there is no such setting.
        ValueError: a pattern means no linear layer.
    """
    given = {} if settings is True else dict(settings or {})
    recipe, patterns = given.pop("recipe", "tensorwise"), given.pop("modules", ["*"])
    if given:
        raise TypeError(
            f"float8 has no setting {next(iter(given))!r}; there are recipe and modules"
        )
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    names = _layers(model, patterns)
    try:
        float8: Any = import_module("torchao.float8")
    except ImportError as error:
        raise ImportError("float8 needs a package: pip install torchao") from error
    float8.convert_to_float8_training(
        model,
        module_filter_fn=lambda module, name: name in names,
        config=float8.Float8LinearConfig.from_recipe_name(recipe),
    )


def _layers(model: nn.Module, patterns: list[str]) -> set[str]:
    """The linear layers that patterns mean, as far as they have sizes that fit."""
    layers = {name: each for name, each in model.named_modules() if isinstance(each, nn.Linear)}
    found: set[str] = set()
    for pattern in patterns:
        matching = [n for n in layers if pattern == "*" or name_matches(n, pattern)]
        if not matching:
            raise ValueError(f"float8: the model has no linear layer {pattern!r}")
        found |= {*matching}
    return {
        name
        for name in found
        if not (layers[name].in_features % _MULTIPLE or layers[name].out_features % _MULTIPLE)
    }
