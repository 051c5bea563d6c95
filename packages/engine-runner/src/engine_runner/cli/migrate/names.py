"""Where the names of MMEngine are in our packages: what `engine migrate` goes by.

Names are listed by the first part of their path, for a name means the same at any depth:
``mmengine.hooks.EMAHook`` is ``mmengine.hooks.ema_hook.EMAHook``. ``old=new`` stands for another
name, and `KEPT` for what engine-compat alone has. A test holds this against engine-compat.
"""

from __future__ import annotations

from typing import Final

__all__ = ["AREAS", "KEPT", "MODULES", "ROOT_AREAS", "native_home"]

# By the first part of the path: our module, and the names in it.
_NATIVE: Final = {
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
# What has no place in our packages; engine-compat has it. With the usual way to do it, if any.
KEPT: Final[dict[str, str]] = {
    "Handle": "",
    "addmm_flop_jit": "",
    "batchnorm_flop_jit": "",
    "bmm_flop_jit": "",
    "conv_flop_jit": "",
    "elementwise_flop_counter": "",
    "generic_activation_jit": "",
    "get_shape": "",
    "linear_flop_jit": "",
    "matmul_flop_jit": "",
    "norm_flop_counter": "",
    "JitModelAnalysis": "ModelAnalyzer, of engine_model.analysis.analyzer",
    "load_from_ceph": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_http": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_local": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_mmcls": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_openmmlab": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_pavi": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "load_from_torchvision": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "ProgressBar": "rich.progress.Progress",
    "SyncBatchNorm": "torch.nn.SyncBatchNorm",
    "SyncBatchNorm_": "torch.nn.SyncBatchNorm",
    "TimeCounter": "",
    "Timer": "time.perf_counter()",
    "TimerError": "",
    "_ConvTransposeMixin": "",
    "apply_to": "",
    "call_command": "subprocess.run(..., check=True)",
    "check_file_exist": "Path(...).is_file()",
    "check_prerequisites": "",
    "check_time": "time.perf_counter()",
    "concat_list": "itertools.chain",
    "deprecated_api_warning": "",
    "deprecated_function": "",
    "digit_version": "packaging.version.Version",
    "find_vcs_root": "",
    "fopen": "Path(...).open(...)",
    "get_build_config": "torch.__config__.show()",
    "get_git_hash": "",
    "get_installed_path": "",
    "get_object_from_string": "",
    "has_batch_norm": "",
    "has_method": "callable(getattr(...))",
    "import_modules_from_strings": "importlib.import_module",
    "init_pool": "",
    "install_package": "",
    "is_abs": "Path(...).is_absolute()",
    "is_filepath": "isinstance(x, str | Path)",
    "is_installed": "importlib.util.find_spec(...)",
    "is_jit_tracing": "torch.jit.is_tracing()",
    "is_list_of": "all(isinstance(...) for ...)",
    "is_method_overridden": "",
    "is_norm": "",
    "is_rocm_pytorch": "torch.version.hip is not None",
    "is_seq_of": "all(isinstance(...) for ...)",
    "is_str": "isinstance(x, str)",
    "is_tuple_of": "all(isinstance(...) for ...)",
    "iter_cast": "",
    "list_cast": "[kind(x) for x in ...]",
    "mkdir_or_exist": "Path(...).mkdir(parents=True, exist_ok=True)",
    "mmcv_full_available": "",
    "package2module": "",
    "requires_executable": "",
    "requires_package": "",
    "scandir": "Path(...).rglob(...)",
    "slice_list": "",
    "symlink": "Path(...).symlink_to(...)",
    "tensor2imgs": "",
    "to_1tuple": "",
    "to_2tuple": "",
    "to_3tuple": "",
    "to_4tuple": "",
    "to_ntuple": "",
    "torch_meshgrid": "torch.meshgrid(..., indexing='ij')",
    "track_iter_progress": "rich.progress.track",
    "track_parallel_progress": "",
    "track_progress": "rich.progress.track",
    "track_progress_rich": "",
    "tuple_cast": "tuple(map(kind, ...))",
    "FlexibleRunner": "Runner, of engine_runner.runner",
    "MODULE2PACKAGE": "",
    "PKG2PROJECT": "",
    "__engine_version__": "",
    "__version__": "engine_runner.__version__, which counts otherwise",
    "_format_size": "",
    "_load_checkpoint": "CheckpointLoader.load_checkpoint, of engine_runner.runner",
    "parse_version_info": "",
    "version_info": "",
}
# Whose names `mmengine` itself has, too.
ROOT_AREAS: Final = ("config", "fileio", "logging", "registry", "utils")
AREAS: Final = frozenset(_NATIVE)
# The modules below the first part of a path, at any depth.
_MODULES: Final = (
    "_flexible_runner _internal activation_checkpointing amp amp_optimizer_wrapper "
    "apex_optimizer_wrapper averaged_model backends base base_data_element base_dataset "
    "base_loop base_model base_module build_functions builder checkpoint checkpoint_hook "
    "collect_env colossalai compare complexity_analysis config data_preprocessor "
    "dataset_wrapper deepspeed default_constructor default_scope dist distributed dl_utils "
    "early_stopping_hook efficient_conv_bn_eval ema_hook empty_cache_hook evaluator file_client "
    "fsdp fully_sharded_distributed handlers history_buffer hook http_backend hub infer "
    "instance_data io iter_timer_hook jit_analysis jit_handles json_handler label_data lazy "
    "lmdb_backend local_backend log_processor logger logger_hook loops lr_scheduler manager "
    "memcached_backend message_hub metric misc momentum_scheduler naive_visualization_hook "
    "optimizer optimizer_wrapper optimizer_wrapper_dict package_utils param_scheduler "
    "param_scheduler_hook parrots_wrapper parse path petrel_backend pickle_handler pixel_data "
    "print_helper priority profiler_hook progressbar progressbar_rich reexported registry "
    "registry_utils root runner "
    "runner_test_case runtime_info_hook sampler sampler_seed_hook scheduler "
    "seperate_distributed setup_env single_device sync_buffer_hook test_time_aug "
    "test_time_aug_hook time_counter timer torch_ops trace utils version_utils vis_backend "
    "visualize visualizer weight_init wrappers yaml_handler zero_optimizer"
)
MODULES: Final = frozenset(_MODULES.split())

_HOMES: Final = {
    area: {
        old: (module, new or old)
        for module, names in modules.items()
        for old, _, new in (name.partition("=") for name in names.split())
    }
    for area, modules in _NATIVE.items()
}


def native_home(area: str, name: str) -> tuple[str, str] | None:
    """Return our (module, name) for a name of ``mmengine.<area>``, or of ``mmengine`` itself.

    Args:
        area: the first part of the path; nothing for ``mmengine`` itself.
        name: the name.
    """
    areas = (area,) if area else ROOT_AREAS
    return next((_HOMES[a][name] for a in areas if name in _HOMES.get(a, {})), None)
