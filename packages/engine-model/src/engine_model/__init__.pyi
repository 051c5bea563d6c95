# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_model.__about__ import (
    __version__ as __version__,
)
from engine_model.anomalies import (
    detect_anomalous_params as detect_anomalous_params,
)
from engine_model.averaged_model import (
    BaseAveragedModel as BaseAveragedModel,
    ExponentialMovingAverage as ExponentialMovingAverage,
    MomentumAnnealingEMA as MomentumAnnealingEMA,
    StochasticWeightAverage as StochasticWeightAverage,
)
from engine_model.base_model import (
    BaseModel as BaseModel,
)
from engine_model.base_module import (
    BaseModule as BaseModule,
    ModuleDict as ModuleDict,
    ModuleList as ModuleList,
    Sequential as Sequential,
)
from engine_model.compile import (
    compile_model as compile_model,
)
from engine_model.data_preprocessor import (
    BaseDataPreprocessor as BaseDataPreprocessor,
    ImgDataPreprocessor as ImgDataPreprocessor,
)
from engine_model.fully_sharded import (
    MMFullyShardedDataParallel as MMFullyShardedDataParallel,
)
from engine_model.init_info import (
    update_init_info as update_init_info,
)
from engine_model.init_from_config import (
    initialize as initialize,
)
from engine_model.initializers import (
    BaseInit as BaseInit,
    Caffe2XavierInit as Caffe2XavierInit,
    ConstantInit as ConstantInit,
    KaimingInit as KaimingInit,
    NormalInit as NormalInit,
    PretrainedInit as PretrainedInit,
    TruncNormalInit as TruncNormalInit,
    UniformInit as UniformInit,
    XavierInit as XavierInit,
)
from engine_model.dict_merging import (
    merge_dict as merge_dict,
)
from engine_model.padding import (
    stack_batch as stack_batch,
)
from engine_model.module_adapter import (
    PlainModel as PlainModel,
)
from engine_model.sync_batchnorm import (
    convert_sync_batchnorm as convert_sync_batchnorm,
    revert_sync_batchnorm as revert_sync_batchnorm,
)
from engine_model.tta import (
    BaseTTAModel as BaseTTAModel,
)
from engine_model.weight_init import (
    bias_init_with_prob as bias_init_with_prob,
    caffe2_xavier_init as caffe2_xavier_init,
    constant_init as constant_init,
    kaiming_init as kaiming_init,
    normal_init as normal_init,
    trunc_normal_ as trunc_normal_,
    trunc_normal_init as trunc_normal_init,
    uniform_init as uniform_init,
    xavier_init as xavier_init,
)
from engine_model.wrappers import (
    MMDistributedDataParallel as MMDistributedDataParallel,
    MMSeparateDistributedDataParallel as MMSeparateDistributedDataParallel,
)
from engine_dist.wrapping import (
    is_model_wrapper as is_model_wrapper,
)
