"""Names of MMEngine's `mmengine.model.base_model.base_model`, from engine_runner.model."""

from engine_runner.model import BaseModel

__all__ = ["BaseModel"]
