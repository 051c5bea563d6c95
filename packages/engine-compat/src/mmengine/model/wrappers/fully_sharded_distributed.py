"""Names of MMEngine's `mmengine.model.wrappers.fully_sharded_distributed`, from engine_runner."""

from engine_model import MMFullyShardedDataParallel

__all__ = ["MMFullyShardedDataParallel"]
