"""Names of MMEngine's `mmengine.registry.registry`, from engine_registry."""

from engine_registry import Registry

__all__ = ["Registry"]
