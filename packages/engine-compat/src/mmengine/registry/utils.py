"""Names of MMEngine's `mmengine.registry.utils`, from engine_registry."""

from engine_registry import count_registered_modules, init_default_scope, traverse_registry_tree

__all__ = ["count_registered_modules", "init_default_scope", "traverse_registry_tree"]
