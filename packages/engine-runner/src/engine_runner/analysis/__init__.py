"""What a model costs: parameters, activations, floating-point operations."""

from engine_runner.analysis.activations import ActivationAnalyzer, activation_count
from engine_runner.analysis.complexity import get_model_complexity_info
from engine_runner.analysis.flops import FlopAnalyzer, flop_count
from engine_runner.analysis.parameters import parameter_count, parameter_count_table

__all__ = [
    "ActivationAnalyzer",
    "FlopAnalyzer",
    "activation_count",
    "flop_count",
    "get_model_complexity_info",
    "parameter_count",
    "parameter_count_table",
]
