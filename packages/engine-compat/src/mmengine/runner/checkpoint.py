"""Names of MMEngine's `mmengine.runner.checkpoint`."""

from engine_runner.checkpoint import (
    load_into_model as _load_checkpoint_to_model,
)
from engine_runner.checkpoint import (
    read_with_prefix as _load_checkpoint_with_prefix,
)
from engine_runner.runner import (
    CheckpointLoader,
    find_latest_checkpoint,
    get_deprecated_model_names,
    get_external_models,
    get_mmcls_models,
    get_state_dict,
    get_torchvision_models,
    load_checkpoint,
    load_state_dict,
    save_checkpoint,
    weights_to_cpu,
)

__all__ = [
    "CheckpointLoader",
    "_load_checkpoint",
    "_load_checkpoint_to_model",
    "_load_checkpoint_with_prefix",
    "find_latest_checkpoint",
    "get_deprecated_model_names",
    "get_external_models",
    "get_mmcls_models",
    "get_state_dict",
    "get_torchvision_models",
    "load_checkpoint",
    "load_state_dict",
    "save_checkpoint",
    "weights_to_cpu",
]

_load_checkpoint = CheckpointLoader.load_checkpoint
