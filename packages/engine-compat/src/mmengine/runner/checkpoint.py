"""Names of MMEngine's `mmengine.runner.checkpoint`."""

from typing import Any

from engine_checkpoint import (
    load_into_model as _load_checkpoint_to_model,
)
from engine_checkpoint import (
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
    "load_from_ceph",
    "load_from_http",
    "load_from_local",
    "load_from_mmcls",
    "load_from_openmmlab",
    "load_from_pavi",
    "load_from_torchvision",
    "load_state_dict",
    "save_checkpoint",
    "weights_to_cpu",
]

_load_checkpoint = CheckpointLoader.load_checkpoint


def _load_from(filename: str, map_location: Any = None, **kwargs: Any) -> Any:
    """Return what a checkpoint holds; what its address begins with says where it is.

    Args:
        filename: the address.
        map_location: as ``torch.load``.
        kwargs: MMEngine's other arguments, such as a folder to keep files in: `engine_fileio` has
            one of its own.
    """
    return CheckpointLoader.load_checkpoint(filename, map_location, None)


load_from_local = load_from_http = load_from_pavi = load_from_ceph = _load_from
load_from_torchvision = load_from_openmmlab = load_from_mmcls = _load_from
