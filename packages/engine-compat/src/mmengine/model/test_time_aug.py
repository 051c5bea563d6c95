"""Names of MMEngine's `mmengine.model.test_time_aug`, from engine_runner.model."""

from engine_runner.model import BaseTTAModel

__all__ = ["BaseTTAModel"]
