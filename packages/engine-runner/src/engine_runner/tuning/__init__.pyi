# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.tuning.lr_curve import (
    LRCurve as LRCurve,
)
from engine_runner.tuning.lr_range_test import (
    find_lr as find_lr,
)
