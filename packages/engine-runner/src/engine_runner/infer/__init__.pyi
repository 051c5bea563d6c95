# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.infer.base import (
    BaseInferencer as BaseInferencer,
)
from engine_runner.infer.errors import (
    InputError as InputError,
)
from engine_runner.infer.inferencer import (
    Inferencer as Inferencer,
)
from engine_runner.infer.results import (
    Result as Result,
)
