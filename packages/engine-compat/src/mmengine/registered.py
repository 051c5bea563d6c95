"""What this package adds to the root registries, by import path."""

from __future__ import annotations

from engine_registry import RUNNERS

__all__ = ["register"]


def register() -> None:
    """Register `FlexibleRunner`; the registries call it when a name is missed."""
    RUNNERS.register_lazy("FlexibleRunner", "mmengine.runner._flexible_runner:FlexibleRunner")
