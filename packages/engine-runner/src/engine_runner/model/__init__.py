"""Models, and what they are made of."""

from engine_runner.model.anomalies import detect_anomalous_params
from engine_runner.model.averaged import (
    BaseAveragedModel,
    ExponentialMovingAverage,
    MomentumAnnealingEMA,
    StochasticWeightAverage,
)
from engine_runner.model.base_model import BaseModel
from engine_runner.model.base_module import BaseModule, ModuleDict, ModuleList, Sequential
from engine_runner.model.compiling import compile_model
from engine_runner.model.data_preprocessor import BaseDataPreprocessor, ImgDataPreprocessor
from engine_runner.model.fully_sharded import MMFullyShardedDataParallel
from engine_runner.model.init_info import update_init_info
from engine_runner.model.initializers import (
    BaseInit,
    Caffe2XavierInit,
    ConstantInit,
    KaimingInit,
    NormalInit,
    PretrainedInit,
    TruncNormalInit,
    UniformInit,
    XavierInit,
    initialize,
)
from engine_runner.model.merge_dict import merge_dict
from engine_runner.model.plain import PlainModel
from engine_runner.model.stack_batch import stack_batch
from engine_runner.model.sync_batchnorm import convert_sync_batchnorm, revert_sync_batchnorm
from engine_runner.model.tta import BaseTTAModel
from engine_runner.model.weight_init import (
    bias_init_with_prob,
    caffe2_xavier_init,
    constant_init,
    kaiming_init,
    normal_init,
    trunc_normal_,
    trunc_normal_init,
    uniform_init,
    xavier_init,
)
from engine_runner.model.wrappers import (
    MMDistributedDataParallel,
    MMSeparateDistributedDataParallel,
)
from engine_runner.wrapping import is_model_wrapper

__all__ = [
    "BaseAveragedModel",
    "BaseDataPreprocessor",
    "BaseInit",
    "BaseModel",
    "BaseModule",
    "BaseTTAModel",
    "Caffe2XavierInit",
    "ConstantInit",
    "ExponentialMovingAverage",
    "ImgDataPreprocessor",
    "KaimingInit",
    "MMDistributedDataParallel",
    "MMFullyShardedDataParallel",
    "MMSeparateDistributedDataParallel",
    "ModuleDict",
    "ModuleList",
    "MomentumAnnealingEMA",
    "NormalInit",
    "PlainModel",
    "PretrainedInit",
    "Sequential",
    "StochasticWeightAverage",
    "TruncNormalInit",
    "UniformInit",
    "XavierInit",
    "bias_init_with_prob",
    "caffe2_xavier_init",
    "compile_model",
    "constant_init",
    "convert_sync_batchnorm",
    "detect_anomalous_params",
    "initialize",
    "is_model_wrapper",
    "kaiming_init",
    "merge_dict",
    "normal_init",
    "revert_sync_batchnorm",
    "stack_batch",
    "trunc_normal_",
    "trunc_normal_init",
    "uniform_init",
    "update_init_info",
    "xavier_init",
]
