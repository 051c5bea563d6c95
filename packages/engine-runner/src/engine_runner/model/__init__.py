"""Models, and what they are made of."""

from engine_runner.model.base_model import BaseModel
from engine_runner.model.base_module import BaseModule, ModuleDict, ModuleList, Sequential
from engine_runner.model.data_preprocessor import BaseDataPreprocessor, ImgDataPreprocessor
from engine_runner.model.stack_batch import stack_batch
from engine_runner.model.sync_batchnorm import convert_sync_batchnorm, revert_sync_batchnorm
from engine_runner.model.wrappers import (
    MMDistributedDataParallel,
    MMSeparateDistributedDataParallel,
    is_model_wrapper,
)

__all__ = [
    "BaseDataPreprocessor",
    "BaseModel",
    "BaseModule",
    "ImgDataPreprocessor",
    "MMDistributedDataParallel",
    "MMSeparateDistributedDataParallel",
    "ModuleDict",
    "ModuleList",
    "Sequential",
    "convert_sync_batchnorm",
    "is_model_wrapper",
    "revert_sync_batchnorm",
    "stack_batch",
]
