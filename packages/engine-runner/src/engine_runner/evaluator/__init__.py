"""Metrics, and how they are put together."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.evaluator.batch": ["first_samples", "num_samples"],
        "engine_runner.evaluator.confusion": ["ConfusionMatrix", "MeanIoU"],
        "engine_runner.evaluator.evaluator": ["Evaluator", "get_metric_value"],
        "engine_runner.evaluator.mergeable": ["MergeableMetric"],
        "engine_runner.evaluator.metric": ["BaseMetric", "DumpResults"],
        "engine_runner.evaluator.select": ["predictions_of", "targets_of"],
        "engine_runner.evaluator.streaming": ["StreamingMetric"],
        "engine_runner.evaluator.top_k": ["TopKAccuracy"],
        "engine_runner.evaluator.torch_metric": ["TorchMetric", "is_torch_metric"],
    },
)
