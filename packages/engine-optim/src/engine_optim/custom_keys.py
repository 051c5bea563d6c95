"""``custom_keys`` of ``paramwise_cfg``: which parameters they fit, and what is misspelt in them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from torch import nn

__all__ = ["check_patterns", "check_settings", "fitting", "freeze"]

logger = logging.getLogger(__name__)

_FACTORS: Final = ("lr_mult", "decay_mult")
_CLOSE: Final = 0.8  # similarity from which a name is taken for the other one, misspelt


def fitting(custom: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any] | None:
    """Return what the longest key that a parameter's name contains says; None if none fits."""
    for key in sorted(sorted(custom), key=len, reverse=True):
        if key in name:
            return custom[key]
    return None


def freeze(model: nn.Module, custom: Mapping[str, dict[str, Any]]) -> None:
    """Freeze the parameters for which ``custom_keys`` says ``requires_grad=False``."""
    if not any("requires_grad" in settings for settings in custom.values()):
        return
    for name, param in model.named_parameters():
        settings = fitting(custom, name) or {}
        if not settings.get("requires_grad", True):
            param.requires_grad_(False)


def check_patterns(custom: Iterable[str], model: nn.Module) -> None:
    """Look for keys that no parameter's name contains.

    Raises:
        ValueError: the model has a name that differs by a letter or so. Others are warned of.
    """
    names = [name for name, _ in model.named_parameters()]
    for key in custom:
        if any(key in name for name in names):
            continue
        spans = {span for name in names for span in _spans(name, key.count(".") + 1)}
        near = get_close_matches(key, sorted(spans), 5, _CLOSE)
        near = [each for each in near if _letters(each) != _letters(key)]
        if near:
            raise ValueError(
                f"paramwise_cfg: custom_keys: no parameter of {type(model).__name__} has {key!r} "
                f"in its name. Close names: {', '.join(near)}"
            )
        logger.warning(
            "paramwise_cfg: custom_keys: no parameter of %s has %r in its name",
            *(type(model).__name__, key),
        )


def check_settings(custom: Mapping[str, dict[str, Any]], defaults: Mapping[str, Any]) -> None:
    """Look for settings that neither this package nor the optimizer knows.

    Args:
        custom: settings by key.
        defaults: the optimizer's own settings.

    Raises:
        ValueError: one is misspelt. Others, which a hook may read, are warned of.
    """
    known = [*_FACTORS, "requires_grad", *defaults]
    for key, settings in custom.items():
        for name in settings:
            if name in known:
                continue
            near = get_close_matches(str(name), known, 3, _CLOSE)
            message = f"paramwise_cfg: custom_keys[{key!r}] has {name!r}, which no optimizer reads"
            if near:
                raise ValueError(f"{message}. Close names: {', '.join(near)}")
            logger.warning("%s; there are %s", message, ", ".join(known))


def _spans(name: str, length: int) -> list[str]:
    """So many parts of a dotted name, one after another."""
    parts = name.split(".")
    return [".".join(parts[at : at + length]) for at in range(len(parts) - length + 1)]


def _letters(name: str) -> str:
    """A name without its numbers: blocks.4 isn't blocks.3 misspelt."""
    return re.sub(r"\d+", "#", name)
