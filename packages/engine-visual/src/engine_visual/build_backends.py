"""Building of a visualizer's back-ends from their configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine_registry import VISBACKENDS
from engine_visual.errors import TakenNameError

if TYPE_CHECKING:
    from engine_visual.backends import BaseVisBackend

__all__ = ["build"]


def build(configs: Any, folder: str | None) -> dict[str, BaseVisBackend]:
    """The back-ends by their names."""
    if configs is None:
        return {}
    found: dict[str, BaseVisBackend] = {}
    for config in configs if isinstance(configs, list | tuple) else [configs]:
        if not isinstance(config, Mapping):
            if not hasattr(config, "add_image"):
                raise TypeError(
                    f"vis_backends are configs such as dict(type='LocalVisBackend'), or back-ends: "
                    f"got {config!r}"
                )
            name, backend = type(config).__name__, config
        else:
            settings = dict(config)
            kind = settings.get("type")
            name = settings.pop(
                "name", kind if isinstance(kind, str) else getattr(kind, "__name__", "")
            )
            if settings.setdefault("save_dir", folder) is None:
                if kind is None or (isinstance(kind, str) and VISBACKENDS.get(kind) is None):
                    VISBACKENDS.build(settings)  # says what is wrong with it
                continue
            backend = VISBACKENDS.build(settings)
        if name in found:
            raise TakenNameError(
                f"two back-ends are called {name!r}; give one of their configs another 'name'"
            )
        found[name] = backend
    return found
