"""Models, and what they are made of."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.model.anomalies": ["detect_anomalous_params"],
        "engine_runner.model.averaged": [
            "BaseAveragedModel",
            "ExponentialMovingAverage",
            "MomentumAnnealingEMA",
            "StochasticWeightAverage",
        ],
        "engine_runner.model.base_model": ["BaseModel"],
        "engine_runner.model.base_module": ["BaseModule", "ModuleDict", "ModuleList", "Sequential"],
        "engine_runner.model.compiling": ["compile_model"],
        "engine_runner.model.data_preprocessor": ["BaseDataPreprocessor", "ImgDataPreprocessor"],
        "engine_runner.model.fully_sharded": ["MMFullyShardedDataParallel"],
        "engine_runner.model.init_info": ["update_init_info"],
        "engine_runner.model.initializers": [
            "BaseInit",
            "Caffe2XavierInit",
            "ConstantInit",
            "KaimingInit",
            "NormalInit",
            "PretrainedInit",
            "TruncNormalInit",
            "UniformInit",
            "XavierInit",
            "initialize",
        ],
        "engine_runner.model.merging": ["merge_dict"],
        "engine_runner.model.padding": ["stack_batch"],
        "engine_runner.model.plain": ["PlainModel"],
        "engine_runner.model.sync_batchnorm": ["convert_sync_batchnorm", "revert_sync_batchnorm"],
        "engine_runner.model.tta": ["BaseTTAModel"],
        "engine_runner.model.weight_init": [
            "bias_init_with_prob",
            "caffe2_xavier_init",
            "constant_init",
            "kaiming_init",
            "normal_init",
            "trunc_normal_",
            "trunc_normal_init",
            "uniform_init",
            "xavier_init",
        ],
        "engine_runner.model.wrappers": [
            "MMDistributedDataParallel",
            "MMSeparateDistributedDataParallel",
        ],
        "engine_runner.wrapping": ["is_model_wrapper"],
    },
)
