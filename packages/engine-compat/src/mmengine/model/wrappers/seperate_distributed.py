"""Names of MMEngine's `mmengine.model.wrappers.seperate_distributed`, from engine_model."""

from engine_model import MMSeparateDistributedDataParallel

__all__ = ["MMSeparateDistributedDataParallel"]
