"""Names of MMEngine's `mmengine.model.wrappers.distributed`, from engine_model."""

from engine_model import MMDistributedDataParallel

__all__ = ["MMDistributedDataParallel"]
