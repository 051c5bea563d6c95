"""Names of MMEngine's `mmengine.model.base_model.data_preprocessor`, from engine_model."""

from engine_model import BaseDataPreprocessor, ImgDataPreprocessor

__all__ = ["BaseDataPreprocessor", "ImgDataPreprocessor"]
