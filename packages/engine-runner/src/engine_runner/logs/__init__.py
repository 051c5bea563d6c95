"""What a person sees of a training."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.logs.processor": ["LogProcessor"],
        "engine_runner.logs.progress": ["ProgressBar", "wanted"],
    },
)
