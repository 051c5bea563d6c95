"""Names of MMEngine's `mmengine.infer`, from engine_runner.infer."""

from engine_runner.infer import BaseInferencer

__all__ = ["BaseInferencer"]
