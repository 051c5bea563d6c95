"""Training, validation and test as loops over batches."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.loops.base": ["BaseLoop"],
        "engine_runner.loops.evaluate": ["TestLoop", "ValLoop"],
        "engine_runner.loops.failed_batch": ["replay_failed_batch"],
        "engine_runner.loops.infinite": ["InfiniteBatches"],
        "engine_runner.loops.train": ["EpochBasedTrainLoop", "IterBasedTrainLoop"],
    },
)
