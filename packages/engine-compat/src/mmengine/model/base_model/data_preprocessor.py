"""Names of MMEngine's `mmengine.model.base_model.data_preprocessor`, from engine_runner.model."""

from engine_runner.model import BaseDataPreprocessor, ImgDataPreprocessor

__all__ = ["BaseDataPreprocessor", "ImgDataPreprocessor"]
