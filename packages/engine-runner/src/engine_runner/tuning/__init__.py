"""A config before it is trained: its learning rate, batch size, layers and memory."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.tuning.batch_size": ["BatchSizeTrial", "find_batch_size"],
        "engine_runner.tuning.lr_curve": ["LRCurve"],
        "engine_runner.tuning.lr_range_test": ["find_lr"],
        "engine_runner.tuning.model_summary": [
            "ModelSummary",
            "TrainingMemory",
            "summarise_model",
        ],
    },
)
