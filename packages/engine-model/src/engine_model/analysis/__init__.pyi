# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_model.analysis.activations import (
    ActivationAnalyzer as ActivationAnalyzer,
    activation_count as activation_count,
)
from engine_model.analysis.complexity import (
    get_model_complexity_info as get_model_complexity_info,
)
from engine_model.analysis.flops import (
    FlopAnalyzer as FlopAnalyzer,
    flop_count as flop_count,
)
from engine_model.analysis.parameters import (
    parameter_count as parameter_count,
    parameter_count_table as parameter_count_table,
)
