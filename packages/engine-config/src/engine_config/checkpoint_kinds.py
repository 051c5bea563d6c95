"""Checkpoint kinds: how configs are read from checkpoints, whose reader finds this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine_config.config import Config
from engine_config.node import ConfigDict

__all__ = ["KINDS"]


def _dict_of(values: Any) -> ConfigDict:
    if not isinstance(values, Mapping):
        raise ValueError("it holds a config of no dict, which isn't read")
    return ConfigDict(values)


def _config_dict(made: Any) -> ConfigDict:
    given = next((each for each in made.args if isinstance(each, Mapping)), {})
    found = _dict_of(given)
    for key, each in (*made.pairs, *_own_entries(made.state)):
        found[key] = each
    return found


def _own_entries(state: Any) -> Sequence[tuple[Any, Any]]:
    return [*state.items()] if isinstance(state, Mapping) and "_origins" not in state else []


def _config(made: Any) -> Config:
    """Without the file that it says it is of: nothing is opened."""
    state = made.state
    parts = state.values() if isinstance(state, Mapping) else (state or made.args)
    return Config(_dict_of(next((each for each in parts if isinstance(each, Mapping)), {})))


KINDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "names": ("mmengine.config.config.ConfigDict", "engine_config.node.ConfigDict"),
        "read": _config_dict,
    },
    {
        "names": ("engine_config.node._restored",),  # written by versions up to 0.1.0
        "read": lambda made: _dict_of(made.args[1]),
    },
    {
        "names": ("mmengine.config.config.Config", "engine_config.config.Config"),
        "read": _config,
    },
)
