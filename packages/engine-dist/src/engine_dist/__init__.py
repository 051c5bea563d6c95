"""Communication between training processes, the same in one process and in many."""

from importlib import import_module

_NAMES = {
    "engine_dist.__about__": ["__version__"],
    "engine_dist.bucketed_reduce": ["all_reduce_dict", "all_reduce_params"],
    "engine_dist.collectives": [
        "all_gather",
        "all_reduce",
        "barrier",
        "broadcast",
        "gather",
        "sync_random_seed",
    ],
    "engine_dist.data_group": ["get_data_group", "get_data_info", "set_data_group"],
    "engine_dist.device": ["cast_data_device", "get_comm_device", "get_data_device"],
    "engine_dist.environment": ["infer_launcher"],
    "engine_dist.errors": ["CollectiveError", "LauncherError"],
    "engine_dist.group": [
        "get_backend",
        "get_default_group",
        "get_dist_info",
        "get_local_group",
        "get_local_rank",
        "get_local_size",
        "get_rank",
        "get_world_size",
        "init_local_group",
        "is_distributed",
        "is_main_process",
        "master_only",
    ],
    "engine_dist.objects": ["all_gather_object", "broadcast_object_list", "gather_object"],
    "engine_dist.launching": ["launch"],
    "engine_dist.processes": ["free_port", "init_dist"],
    "engine_dist.results": ["collect_results", "collect_results_cpu", "collect_results_gpu"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
