"""Names of MMEngine's `mmengine.infer.infer`, from engine_runner.infer."""

from engine_runner.infer.base import (
    BaseInferencer,
    ConfigType,
    ImgType,
    InputsType,
    InputType,
    InstanceList,
    ModelType,
    ResType,
)

__all__ = [
    "BaseInferencer",
    "ConfigType",
    "ImgType",
    "InputType",
    "InputsType",
    "InstanceList",
    "ModelType",
    "ResType",
]
