"""Names of MMEngine's `mmengine.model.wrappers`, from engine_runner.model."""

from engine_runner.model import (
    MMDistributedDataParallel,
    MMSeparateDistributedDataParallel,
    is_model_wrapper,
)

__all__ = ["MMDistributedDataParallel", "MMSeparateDistributedDataParallel", "is_model_wrapper"]

ON_DEMAND = {
    "MMFullyShardedDataParallel": "engine_runner.model",
}
