"""Names of MMEngine's `mmengine.model.wrappers.utils`, from engine_runner.model."""

from engine_runner.model import is_model_wrapper

__all__ = ["is_model_wrapper"]
