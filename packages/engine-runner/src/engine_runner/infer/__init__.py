"""Predictions for files, folders, addresses and arrays, by a trained model."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.infer.base": ["BaseInferencer"],
        "engine_runner.infer.errors": ["InputError"],
        "engine_runner.infer.inferencer": ["Inferencer"],
        "engine_runner.infer.results": ["Result"],
    },
)
