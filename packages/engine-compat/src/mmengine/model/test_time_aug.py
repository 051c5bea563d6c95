"""Names of MMEngine's `mmengine.model.test_time_aug`, from engine_model."""

from engine_model import BaseTTAModel

__all__ = ["BaseTTAModel"]
