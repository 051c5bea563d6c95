"""Granting trust: what was read without trust is trusted, all the way down."""

from __future__ import annotations

from typing import Any

from engine_config.node import ConfigDict

__all__ = ["vouch"]


def vouch(node: ConfigDict) -> None:
    """Trust what a node and all that lies in it names."""
    found: list[Any] = [node]
    seen: set[int] = set()
    while found:
        value = found.pop()
        if not isinstance(value, dict | list | tuple) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ConfigDict) and value._trust is not None:
            value._trust.given = True
        found += dict.values(value) if isinstance(value, dict) else value
