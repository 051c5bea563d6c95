"""Where the names of MMEngine are in our packages: what `engine migrate` goes by.

Names are listed by the first part of their path, for a name means the same at any depth:
``mmengine.hooks.EMAHook`` is ``mmengine.hooks.ema_hook.EMAHook``. ``old=new`` stands for another
name, and `KEPT` for what engine-compat alone has. A test holds this against engine-compat.
"""

from __future__ import annotations

from typing import Final

from engine_runner.cli.migrate.native_names import NATIVE

__all__ = ["AREAS", "KEPT", "MODULES", "ROOT_AREAS", "native_home"]

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
AREAS: Final = frozenset(NATIVE)
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
    for area, modules in NATIVE.items()
}


def native_home(area: str, name: str) -> tuple[str, str] | None:
    """Return our (module, name) for a name of ``mmengine.<area>``, or of ``mmengine`` itself.

    Args:
        area: the first part of the path; nothing for ``mmengine`` itself.
        name: the name.
    """
    areas = (area,) if area else ROOT_AREAS
    return next((_HOMES[a][name] for a in areas if name in _HOMES.get(a, {})), None)
