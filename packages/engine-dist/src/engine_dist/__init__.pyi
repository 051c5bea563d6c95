# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_dist.__about__ import (
    __version__ as __version__,
)
from engine_dist.bucketed_reduce import (
    all_reduce_dict as all_reduce_dict,
    all_reduce_params as all_reduce_params,
)
from engine_dist.collectives import (
    all_gather as all_gather,
    all_reduce as all_reduce,
    barrier as barrier,
    broadcast as broadcast,
    gather as gather,
    sync_random_seed as sync_random_seed,
)
from engine_dist.data_group import (
    get_data_group as get_data_group,
    get_data_info as get_data_info,
    set_data_group as set_data_group,
)
from engine_dist.device import (
    cast_data_device as cast_data_device,
    get_comm_device as get_comm_device,
    get_data_device as get_data_device,
)
from engine_dist.environment import (
    infer_launcher as infer_launcher,
)
from engine_dist.errors import (
    CollectiveError as CollectiveError,
    LauncherError as LauncherError,
)
from engine_dist.group import (
    get_backend as get_backend,
    get_default_group as get_default_group,
    get_dist_info as get_dist_info,
    get_local_group as get_local_group,
    get_local_rank as get_local_rank,
    get_local_size as get_local_size,
    get_rank as get_rank,
    get_world_size as get_world_size,
    init_local_group as init_local_group,
    is_distributed as is_distributed,
    is_main_process as is_main_process,
    master_only as master_only,
)
from engine_dist.objects import (
    all_gather_object as all_gather_object,
    broadcast_object_list as broadcast_object_list,
    gather_object as gather_object,
)
from engine_dist.launching import (
    launch as launch,
)
from engine_dist.processes import (
    free_port as free_port,
    init_dist as init_dist,
)
from engine_dist.results import (
    collect_results as collect_results,
    collect_results_cpu as collect_results_cpu,
    collect_results_gpu as collect_results_gpu,
)
