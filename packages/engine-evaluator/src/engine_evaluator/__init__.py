"""Metrics, and how they are put together."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_evaluator.__about__": ["__version__"],
        "engine_evaluator.batch": ["first_samples", "num_samples"],
        "engine_evaluator.confusion": ["ConfusionMatrix", "MeanIoU"],
        "engine_evaluator.evaluator": ["Evaluator", "get_metric_value"],
        "engine_evaluator.mergeable": ["MergeableMetric"],
        "engine_evaluator.metric": ["BaseMetric", "DumpResults"],
        "engine_evaluator.select": ["predictions_of", "targets_of"],
        "engine_evaluator.streaming": ["StreamingMetric"],
        "engine_evaluator.top_k": ["TopKAccuracy"],
        "engine_evaluator.torch_metric": ["TorchMetric", "is_torch_metric"],
    },
)
