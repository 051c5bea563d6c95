"""Names of MMEngine's `mmengine.model.wrappers.seperate_distributed`, from engine_runner.model."""

from engine_runner.model import MMSeparateDistributedDataParallel

__all__ = ["MMSeparateDistributedDataParallel"]
