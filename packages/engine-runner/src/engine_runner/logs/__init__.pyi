# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.logs.processor import (
    LogProcessor as LogProcessor,
)
from engine_runner.logs.progress import (
    ProgressBar as ProgressBar,
    wanted as wanted,
)
