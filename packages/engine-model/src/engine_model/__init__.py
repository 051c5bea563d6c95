"""Models, and what they are made of."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_model.__about__": ["__version__"],
        "engine_model.anomalies": ["detect_anomalous_params"],
        "engine_model.averaged_model": [
            "BaseAveragedModel",
            "ExponentialMovingAverage",
            "MomentumAnnealingEMA",
            "StochasticWeightAverage",
        ],
        "engine_model.base_model": ["BaseModel"],
        "engine_model.base_module": ["BaseModule", "ModuleDict", "ModuleList", "Sequential"],
        "engine_model.compile": ["compile_model"],
        "engine_model.data_preprocessor": ["BaseDataPreprocessor", "ImgDataPreprocessor"],
        "engine_model.fully_sharded": ["MMFullyShardedDataParallel"],
        "engine_model.init_info": ["update_init_info"],
        "engine_model.init_from_config": ["initialize"],
        "engine_model.initializers": [
            "BaseInit",
            "Caffe2XavierInit",
            "ConstantInit",
            "KaimingInit",
            "NormalInit",
            "PretrainedInit",
            "TruncNormalInit",
            "UniformInit",
            "XavierInit",
        ],
        "engine_model.dict_merging": ["merge_dict"],
        "engine_model.padding": ["stack_batch"],
        "engine_model.module_adapter": ["PlainModel"],
        "engine_model.sync_batchnorm": ["convert_sync_batchnorm", "revert_sync_batchnorm"],
        "engine_model.tta": ["BaseTTAModel"],
        "engine_model.weight_init": [
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
        "engine_model.wrappers": [
            "MMDistributedDataParallel",
            "MMSeparateDistributedDataParallel",
        ],
        "engine_dist.wrapping": ["is_model_wrapper"],
    },
)
