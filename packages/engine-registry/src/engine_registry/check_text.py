"""What is said of a problem: values that may be shown, and names that may be meant."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from engine_registry.build import told
from engine_registry.config_places import REGISTRY_BELOW, Place
from engine_registry.lookup_error import close_names
from engine_registry.root import ROOT_REGISTRIES

__all__ = ["as_number", "close", "masked", "shown", "unknown"]

_EXPONENT = re.compile(r"([+-]?\d+)(\.\d+)?[eE]([+-]?\d+)")
_SHORT = 4  # a text of fewer characters is no secret


def masked(node: Any, key: str, value: Any) -> str:
    """Return a value as a problem shows it: as its config masks it, where that can."""
    ask = getattr(type(node), "__masked__", None)
    if ask is None:  # nobody knows whether the key is a secret's
        if isinstance(value, str):
            return repr(value) if len(value) < _SHORT else "this"
        return told(value)
    safe = ask(node)
    return repr(safe[key])[:200] if key in safe else told(value)


def unknown(name: str, place: Place) -> str:
    """Return the message for a type that nothing is registered as.

    It is empty where a user's own code may read it: at keys that no registry is known for, and at
    those such as ``act_cfg``, unless the name is close to a registered one.
    """
    above, _, key = place.path.rpartition(".")
    is_part = bool(above) and key.endswith("_cfg") and key not in REGISTRY_BELOW
    is_free = is_part or (place.registry is None and bool(place.path))
    registries = list(ROOT_REGISTRIES.values()) if place.registry is None else [place.registry]
    near = close_names(name, *registries)
    if is_free and not get_close_matches(name, near, n=1, cutoff=0.8):
        return ""
    where = "any" if place.registry is None else f"the {place.registry.name}"
    hint = f"; close names: {', '.join(map(repr, near))}" if near else ""
    return f"{name!r} is not in {where} registry{hint}"


def close(key: Any, names: Collection[str]) -> str:
    """Return which argument a key may be meant for, or what else there is."""
    near = get_close_matches(str(key), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; it takes {', '.join(names) or 'none'}"


def as_number(value: Any, parameter: inspect.Parameter) -> str:
    """Return what to say of a text such as ``1e-3``, which YAML doesn't take for a number."""
    match = _EXPONENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or "float" not in shown(parameter):
        return ""
    number = f"{match[1]}{match[2] or '.0'}e{int(match[3]):+}"
    return f"; a number has no quotes, and in YAML it is {number}"


def shown(parameter: inspect.Parameter) -> str:
    """Return a parameter's annotation as text."""
    return inspect.formatannotation(parameter.annotation).strip("'")
