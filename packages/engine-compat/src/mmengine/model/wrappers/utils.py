"""Names of MMEngine's `mmengine.model.wrappers.utils`, from engine_model."""

from engine_model import is_model_wrapper

__all__ = ["is_model_wrapper"]
