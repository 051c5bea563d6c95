"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTRIES"]

ENTRIES: Final = {
    "EVALUATOR": {"Evaluator": "engine_evaluator.evaluator:Evaluator"},
    "METRICS": {
        "ConfusionMatrix": "engine_evaluator.confusion:ConfusionMatrix",
        "DumpResults": "engine_evaluator.metric:DumpResults",
        "MeanIoU": "engine_evaluator.confusion:MeanIoU",
        "TopKAccuracy": "engine_evaluator.top_k:TopKAccuracy",
        "TorchMetric": "engine_evaluator.torch_metric:TorchMetric",
    },
}
