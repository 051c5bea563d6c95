"""Communication between training processes, the same in one process and in many."""

from engine_dist.__about__ import __version__
from engine_dist.collectives import (
    all_gather,
    all_reduce,
    all_reduce_dict,
    all_reduce_params,
    barrier,
    broadcast,
    gather,
    sync_random_seed,
)
from engine_dist.data import get_data_group, get_data_info, set_data_group
from engine_dist.device import cast_data_device, get_comm_device, get_data_device
from engine_dist.environment import infer_launcher
from engine_dist.errors import CollectiveError, LauncherError
from engine_dist.group import (
    get_backend,
    get_default_group,
    get_dist_info,
    get_local_group,
    get_local_rank,
    get_local_size,
    get_rank,
    get_world_size,
    init_local_group,
    is_distributed,
    is_main_process,
    master_only,
)
from engine_dist.processes import free_port, init_dist, launch
from engine_dist.objects import all_gather_object, broadcast_object_list, gather_object
from engine_dist.results import collect_results, collect_results_cpu, collect_results_gpu

__all__ = [
    "CollectiveError",
    "LauncherError",
    "__version__",
    "all_gather",
    "all_gather_object",
    "all_reduce",
    "all_reduce_dict",
    "all_reduce_params",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "cast_data_device",
    "collect_results",
    "collect_results_cpu",
    "collect_results_gpu",
    "free_port",
    "gather",
    "gather_object",
    "get_backend",
    "get_comm_device",
    "get_data_device",
    "get_data_group",
    "get_data_info",
    "get_default_group",
    "get_dist_info",
    "get_local_group",
    "get_local_rank",
    "get_local_size",
    "get_rank",
    "get_world_size",
    "infer_launcher",
    "init_dist",
    "init_local_group",
    "is_distributed",
    "is_main_process",
    "launch",
    "master_only",
    "set_data_group",
    "sync_random_seed",
]
