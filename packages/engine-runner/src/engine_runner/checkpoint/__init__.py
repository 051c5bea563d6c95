"""Checkpoints: written whole or not at all, read without executing anything."""

from engine_runner.checkpoint.background import Background
from engine_runner.checkpoint.errors import (
    CheckpointError,
    MissingCheckpointError,
    UnsafeCheckpointError,
    WrongModelError,
)
from engine_runner.checkpoint.serializable import NotKeptError, kept, kept_parts
from engine_runner.checkpoint.newest import (
    LAST,
    Resumable,
    find_latest_checkpoint,
    is_whole,
    numbers_in,
    point_to,
    resumable,
)
from engine_runner.checkpoint.publish import publish_model
from engine_runner.checkpoint.read import read_file
from engine_runner.checkpoint.resumable_parts import check_resumable
from engine_runner.checkpoint.safetensors_file import read_safetensors, safetensors_of
from engine_runner.checkpoint.schemes import (
    CheckpointLoader,
    get_deprecated_model_names,
    get_external_models,
    get_mmcls_models,
    get_torchvision_models,
)
from engine_runner.checkpoint.sharded_folder import is_sharded_checkpoint, remove_checkpoint
from engine_runner.checkpoint.sharded_own import OWN, read_own_part
from engine_runner.checkpoint.sharded_read import Like, read_sharded
from engine_runner.checkpoint.sharded_write import ShardedWriter, check_local
from engine_runner.checkpoint.snapshot import Snapshots
from engine_runner.checkpoint.together import on_every_rank, on_main_rank
from engine_runner.checkpoint.weights import (
    LoadReport,
    get_state_dict,
    load_checkpoint,
    load_into_model,
    load_state_dict,
    read_with_prefix,
    revised,
    unwrapped,
    weights_of,
    weights_to_cpu,
)
from engine_runner.checkpoint.write import save_checkpoint

__all__ = [
    "LAST",
    "OWN",
    "Background",
    "CheckpointError",
    "CheckpointLoader",
    "Like",
    "LoadReport",
    "MissingCheckpointError",
    "NotKeptError",
    "Resumable",
    "ShardedWriter",
    "Snapshots",
    "UnsafeCheckpointError",
    "WrongModelError",
    "check_local",
    "check_resumable",
    "find_latest_checkpoint",
    "get_deprecated_model_names",
    "get_external_models",
    "get_mmcls_models",
    "get_state_dict",
    "get_torchvision_models",
    "is_sharded_checkpoint",
    "is_whole",
    "kept",
    "kept_parts",
    "load_checkpoint",
    "load_into_model",
    "load_state_dict",
    "numbers_in",
    "on_every_rank",
    "on_main_rank",
    "point_to",
    "publish_model",
    "read_file",
    "read_own_part",
    "read_safetensors",
    "read_sharded",
    "read_with_prefix",
    "remove_checkpoint",
    "resumable",
    "revised",
    "safetensors_of",
    "save_checkpoint",
    "unwrapped",
    "weights_of",
    "weights_to_cpu",
]
