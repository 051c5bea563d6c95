# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.evaluator.batch import (
    first_samples as first_samples,
    num_samples as num_samples,
)
from engine_runner.evaluator.confusion import (
    ConfusionMatrix as ConfusionMatrix,
    MeanIoU as MeanIoU,
)
from engine_runner.evaluator.evaluator import (
    Evaluator as Evaluator,
    get_metric_value as get_metric_value,
)
from engine_runner.evaluator.mergeable import (
    MergeableMetric as MergeableMetric,
)
from engine_runner.evaluator.metric import (
    BaseMetric as BaseMetric,
    DumpResults as DumpResults,
)
from engine_runner.evaluator.select import (
    predictions_of as predictions_of,
    targets_of as targets_of,
)
from engine_runner.evaluator.streaming import (
    StreamingMetric as StreamingMetric,
)
from engine_runner.evaluator.top_k import (
    TopKAccuracy as TopKAccuracy,
)
from engine_runner.evaluator.torch_metric import (
    TorchMetric as TorchMetric,
    is_torch_metric as is_torch_metric,
)
