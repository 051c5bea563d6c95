"""Names of MMEngine, by the path of the same thing in Engine."""

from __future__ import annotations

from typing import Final

__all__ = ["NATIVE"]

# By the first part of the path: our module, and the names in it.
NATIVE: Final = {
    "_strategy": {
        "engine_runner.strategy": "BaseStrategy DDPStrategy SingleDeviceStrategy",
        "engine_runner.strategy.colossalai": "ColossalAIStrategy",
        "engine_runner.strategy.deepspeed": "DeepSpeedStrategy",
        "engine_optim.colossalai": "ColossalAIOptimWrapper",
        "engine_optim.deepspeed": "DeepSpeedOptimWrapper",
        "engine_model.engine_wrappers": "ColossalAIModelWrapper MMDeepSpeedEngineWrapper",
        "engine_runner.strategy.fsdp": "FSDPStrategy",
    },
    "analysis": {
        "engine_model.analysis": (
            "ActivationAnalyzer FlopAnalyzer activation_count flop_count "
            "get_model_complexity_info parameter_count parameter_count_table"
        ),
    },
    "config": {
        "engine_config": (
            "Config ConfigDict ConfigParsingError=ConfigError DictAction LazyAttr LazyObject "
            "read_base"
        ),
    },
    "dataset": {
        "engine_dataset": (
            "COLLATE_FUNCTIONS BaseDataset ClassBalancedDataset Compose ConcatDataset "
            "DefaultSampler InfiniteSampler RepeatDataset default_collate force_full_init "
            "pseudo_collate worker_init_fn"
        ),
    },
    "device": {
        "engine_dist.accelerator": (
            "get_device get_max_cuda_memory get_max_musa_memory is_cuda_available "
            "is_dipu_available is_mlu_available is_mps_available is_musa_available "
            "is_npu_available is_npu_support_full_precision"
        ),
    },
    "dist": {
        "engine_dist": (
            "all_gather all_gather_object all_reduce all_reduce_dict all_reduce_params barrier "
            "broadcast broadcast_object_list cast_data_device collect_results "
            "collect_results_cpu collect_results_gpu gather gather_object get_backend "
            "get_comm_device get_data_device get_default_group get_dist_info get_local_group "
            "get_local_rank get_local_size get_rank get_world_size infer_launcher init_dist "
            "init_local_group is_distributed is_main_process master_only sync_random_seed"
        ),
    },
    "evaluator": {
        "engine_evaluator": "BaseMetric DumpResults Evaluator get_metric_value",
        "engine_evaluator.metric": "_to_cpu=to_cpu",
    },
    "fileio": {
        "engine_fileio": (
            "BaseFileHandler BaseStorageBackend FileClient HTTPBackend HardDiskBackend "
            "JsonHandler LmdbBackend LocalBackend MemcachedBackend PetrelBackend PickleHandler "
            "YamlHandler copy_if_symlink_fails copyfile copyfile_from_local copyfile_to_local "
            "copytree copytree_from_local copytree_to_local dict_from_file dump exists "
            "generate_presigned_url get get_file_backend get_local_path get_text isdir isfile "
            "join_path list_dir_or_file list_from_file load put put_text register_backend "
            "register_handler remove rmtree"
        ),
        "engine_fileio.backends": "backends prefix_to_backends",
        "engine_fileio.handlers": "file_handlers",
    },
    "hooks": {
        "engine_runner.hooks": (
            "CheckpointHook DistSamplerSeedHook EMAHook EarlyStoppingHook EmptyCacheHook Hook "
            "IterTimerHook LoggerHook NPUProfilerHook NaiveVisualizationHook ParamSchedulerHook "
            "PrepareTTAHook ProfilerHook RuntimeInfoHook SyncBuffersHook build_runner_with_tta"
        ),
    },
    "hub": {
        "engine_runner.hub": "get_config get_model",
    },
    "infer": {
        "engine_runner.infer": "BaseInferencer",
        "engine_runner.infer.base": (
            "ConfigType ImgType InputType InputsType InstanceList ModelType ResType"
        ),
    },
    "logging": {
        "engine_logging": "HistoryBuffer MMLogger MessageHub print_log",
    },
    "model": {
        "engine_model": (
            "BaseAveragedModel BaseDataPreprocessor BaseInit BaseModel BaseModule BaseTTAModel "
            "Caffe2XavierInit ConstantInit ExponentialMovingAverage ImgDataPreprocessor "
            "KaimingInit MMDistributedDataParallel MMFullyShardedDataParallel "
            "MMSeparateDistributedDataParallel ModuleDict ModuleList MomentumAnnealingEMA "
            "NormalInit PretrainedInit Sequential StochasticWeightAverage TruncNormalInit "
            "UniformInit XavierInit bias_init_with_prob caffe2_xavier_init constant_init "
            "convert_sync_batchnorm detect_anomalous_params initialize is_model_wrapper "
            "kaiming_init merge_dict normal_init revert_sync_batchnorm stack_batch "
            "trunc_normal_ trunc_normal_init uniform_init update_init_info xavier_init"
        ),
        "engine_model.sync_batchnorm": "_BatchNormXd",
        "engine_model.efficient_conv_bn_eval": (
            "turn_on_efficient_conv_bn_eval turn_on_efficient_conv_bn_eval_for_single_model"
        ),
    },
    "optim": {
        "engine_optim": (
            "OPTIMIZERS OPTIM_WRAPPER_CONSTRUCTORS AmpOptimWrapper ApexOptimWrapper "
            "BaseOptimWrapper ConstantLR ConstantMomentum ConstantParamScheduler "
            "CosineAnnealingLR CosineAnnealingMomentum CosineAnnealingParamScheduler "
            "CosineRestartLR CosineRestartMomentum CosineRestartParamScheduler "
            "DefaultOptimWrapperConstructor ExponentialLR ExponentialMomentum "
            "ExponentialParamScheduler LinearLR LinearMomentum LinearParamScheduler MultiStepLR "
            "MultiStepMomentum MultiStepParamScheduler OneCycleLR OneCycleParamScheduler "
            "OptimWrapper OptimWrapperDict PolyLR PolyMomentum PolyParamScheduler "
            "ReduceOnPlateauLR ReduceOnPlateauMomentum ReduceOnPlateauParamScheduler StepLR "
            "StepMomentum StepParamScheduler ZeroRedundancyOptimizer "
            "_ParamScheduler=ParamScheduler "
            "build_optim_wrapper"
        ),
        "engine_optim.scheduler.base": "INF",
        "engine_optim.scheduler.learning_rate": "LRSchedulerMixin",
        "engine_optim.scheduler.momentum": "MomentumSchedulerMixin",
    },
    "registry": {
        "engine_registry": (
            "DATASETS DATA_SAMPLERS EVALUATOR FUNCTIONS HOOKS INFERENCERS LOG_PROCESSORS LOOPS "
            "METRICS MODELS MODEL_WRAPPERS OPTIMIZERS OPTIM_WRAPPERS OPTIM_WRAPPER_CONSTRUCTORS "
            "PARAM_SCHEDULERS RUNNERS RUNNER_CONSTRUCTORS STRATEGIES TASK_UTILS TRANSFORMS "
            "VISBACKENDS VISUALIZERS WEIGHT_INITIALIZERS DefaultScope Registry build_from_cfg "
            "build_model_from_cfg build_runner_from_cfg build_scheduler_from_cfg "
            "count_registered_modules init_default_scope traverse_registry_tree"
        ),
    },
    "runner": {
        "engine_checkpoint": (
            "_load_checkpoint_to_model=load_into_model "
            "_load_checkpoint_with_prefix=read_with_prefix"
        ),
        "engine_runner.loops": "_InfiniteDataloaderIterator=InfiniteBatches",
        "engine_runner.runner": (
            "BaseLoop CheckpointLoader EpochBasedTrainLoop IterBasedTrainLoop LogProcessor "
            "Priority Runner TestLoop ValLoop autocast find_latest_checkpoint "
            "get_deprecated_model_names get_external_models get_mmcls_models get_priority "
            "get_state_dict get_torchvision_models load_checkpoint load_state_dict "
            "save_checkpoint set_random_seed turn_on_activation_checkpointing weights_to_cpu"
        ),
    },
    "structures": {
        "engine_structures": "BaseDataElement InstanceData LabelData PixelData",
    },
    "testing": {
        "engine_runner.testing": (
            "MultiProcessTestCase RunnerTestCase assert_allclose assert_attrs_equal "
            "assert_dict_contains_subset assert_dict_has_keys assert_is_norm_layer "
            "assert_keys_equal assert_params_all_zeros check_python_script"
        ),
        "engine_runner.testing.runner_case": "ToyDataset ToyMetric ToyModel",
    },
    "utils": {
        "engine_registry": "ManagerMeta ManagerMixin",
        "torch": "TORCH_VERSION=__version__",
        "engine_runner.runner": "collect_env",
        "torch.hub": "load_url=load_state_dict_from_url",
        "engine_runner.runner.environment": "set_multi_processing",
        "torch.utils.data": "DataLoader",
        "torch.nn.modules.batchnorm": "_BatchNorm",
        "torch.nn.modules.conv": "_ConvNd",
        "torch.nn.modules.instancenorm": "_InstanceNorm",
        "torch.nn.modules.pooling": ("_AdaptiveAvgPoolNd _AdaptiveMaxPoolNd _AvgPoolNd _MaxPoolNd"),
    },
    "visualization": {
        "engine_visual": (
            "AimVisBackend BaseVisBackend ClearMLVisBackend DVCLiveVisBackend LocalVisBackend "
            "MLflowVisBackend NeptuneVisBackend TensorboardVisBackend Visualizer "
            "WandbVisBackend force_init_env"
        ),
        "engine_visual.drawing.feature_map": "convert_overlay_heatmap",
        "engine_visual.arguments": (
            "check_length check_type check_type_and_length color_str2rgb color_val_matplotlib "
            "img_from_canvas tensor2ndarray value2list"
        ),
    },
}
