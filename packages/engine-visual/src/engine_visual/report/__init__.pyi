# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_visual.report.page import (
    write_report as write_report,
)
