"""Names of MMEngine's `mmengine.config.lazy`, from engine_config."""

from engine_config import LazyAttr, LazyObject

__all__ = ["LazyAttr", "LazyObject"]
