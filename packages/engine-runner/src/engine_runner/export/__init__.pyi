# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.export.errors import (
    ExportError as ExportError,
)
from engine_runner.export.exporter import (
    FORMATS as FORMATS,
    ExportReport as ExportReport,
    export_model as export_model,
)
