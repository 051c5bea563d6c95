"""Names of MMEngine's `mmengine.model.base_model`, from engine_model."""

from engine_model import BaseDataPreprocessor, BaseModel, ImgDataPreprocessor

__all__ = ["BaseDataPreprocessor", "BaseModel", "ImgDataPreprocessor"]
