"""Names of MMEngine's `mmengine.model.base_model.base_model`, from engine_model."""

from engine_model import BaseModel

__all__ = ["BaseModel"]
