# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.tuning.batch_size import (
    BatchSizeTrial as BatchSizeTrial,
    find_batch_size as find_batch_size,
)
from engine_runner.tuning.lr_curve import (
    LRCurve as LRCurve,
)
from engine_runner.tuning.lr_range_test import (
    find_lr as find_lr,
)
from engine_runner.tuning.model_summary import (
    ModelSummary as ModelSummary,
    TrainingMemory as TrainingMemory,
    summarise_model as summarise_model,
)
