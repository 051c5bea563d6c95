"""Names of MMEngine's `mmengine.utils.manager`, from engine_registry."""

from engine_registry import ManagerMeta, ManagerMixin

__all__ = ["ManagerMeta", "ManagerMixin"]
