"""Names of MMEngine's `mmengine.model.wrappers.distributed`, from engine_runner.model."""

from engine_runner.model import MMDistributedDataParallel

__all__ = ["MMDistributedDataParallel"]
