# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_evaluator.__about__ import (
    __version__ as __version__,
)
from engine_evaluator.batch import (
    first_samples as first_samples,
    num_samples as num_samples,
)
from engine_evaluator.confusion import (
    ConfusionMatrix as ConfusionMatrix,
    MeanIoU as MeanIoU,
)
from engine_evaluator.evaluator import (
    Evaluator as Evaluator,
    get_metric_value as get_metric_value,
)
from engine_evaluator.mergeable import (
    MergeableMetric as MergeableMetric,
)
from engine_evaluator.metric import (
    BaseMetric as BaseMetric,
    DumpResults as DumpResults,
)
from engine_evaluator.select import (
    predictions_of as predictions_of,
    targets_of as targets_of,
)
from engine_evaluator.streaming import (
    StreamingMetric as StreamingMetric,
)
from engine_evaluator.top_k import (
    TopKAccuracy as TopKAccuracy,
)
from engine_evaluator.torch_metric import (
    TorchMetric as TorchMetric,
    is_torch_metric as is_torch_metric,
)
