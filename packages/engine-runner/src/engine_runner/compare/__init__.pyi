# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.compare.page import (
    write_comparison as write_comparison,
)
from engine_runner.compare.run import (
    ComparedRun as ComparedRun,
    read_runs as read_runs,
)
from engine_runner.compare.settings import (
    Difference as Difference,
    differences as differences,
)
from engine_runner.compare.table import (
    comparison_table as comparison_table,
)
