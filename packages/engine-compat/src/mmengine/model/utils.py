"""Names of MMEngine's `mmengine.model.utils`, from engine_model."""

from engine_model import (
    convert_sync_batchnorm,
    detect_anomalous_params,
    merge_dict,
    revert_sync_batchnorm,
    stack_batch,
)
from engine_model.sync_batchnorm import _BatchNormXd

__all__ = [
    "_BatchNormXd",
    "convert_sync_batchnorm",
    "detect_anomalous_params",
    "merge_dict",
    "revert_sync_batchnorm",
    "stack_batch",
]
