"""Names of MMEngine's `mmengine.registry.default_scope`, from engine_registry."""

from engine_registry import DefaultScope

__all__ = ["DefaultScope"]
