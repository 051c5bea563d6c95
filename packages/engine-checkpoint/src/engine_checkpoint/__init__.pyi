# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_checkpoint.__about__ import (
    __version__ as __version__,
)
from engine_checkpoint.background import (
    Background as Background,
)
from engine_checkpoint.errors import (
    CheckpointError as CheckpointError,
    MissingCheckpointError as MissingCheckpointError,
    UnsafeCheckpointError as UnsafeCheckpointError,
    WrongModelError as WrongModelError,
)
from engine_checkpoint.newest import (
    LAST as LAST,
    Resumable as Resumable,
    find_latest_checkpoint as find_latest_checkpoint,
    is_whole as is_whole,
    numbers_in as numbers_in,
    point_to as point_to,
    resumable as resumable,
)
from engine_checkpoint.publish import (
    publish_model as publish_model,
)
from engine_checkpoint.read import (
    read_file as read_file,
)
from engine_checkpoint.resume_check import (
    check_resumable as check_resumable,
)
from engine_checkpoint.safetensors_file import (
    read_safetensors as read_safetensors,
    safetensors_of as safetensors_of,
)
from engine_checkpoint.loader import (
    CheckpointLoader as CheckpointLoader,
    get_deprecated_model_names as get_deprecated_model_names,
    get_external_models as get_external_models,
    get_mmcls_models as get_mmcls_models,
    get_torchvision_models as get_torchvision_models,
)
from engine_checkpoint.serializable import (
    NotKeptError as NotKeptError,
    kept as kept,
    kept_parts as kept_parts,
)
from engine_checkpoint.sharded.folder import (
    is_sharded_checkpoint as is_sharded_checkpoint,
    remove_checkpoint as remove_checkpoint,
)
from engine_checkpoint.sharded.rank_part import (
    OWN as OWN,
    read_own_part as read_own_part,
)
from engine_checkpoint.sharded.read import (
    Like as Like,
    read_sharded as read_sharded,
)
from engine_checkpoint.sharded.write import (
    ShardedWriter as ShardedWriter,
    check_local as check_local,
)
from engine_checkpoint.snapshot import (
    Snapshots as Snapshots,
)
from engine_checkpoint.collective_errors import (
    on_every_rank as on_every_rank,
    on_main_rank as on_main_rank,
)
from engine_checkpoint.weights import (
    LoadReport as LoadReport,
    get_state_dict as get_state_dict,
    load_checkpoint as load_checkpoint,
    load_into_model as load_into_model,
    load_state_dict as load_state_dict,
    read_with_prefix as read_with_prefix,
    revised as revised,
    unwrapped as unwrapped,
    weights_of as weights_of,
    weights_to_cpu as weights_to_cpu,
)
from engine_checkpoint.write import (
    save_checkpoint as save_checkpoint,
)
