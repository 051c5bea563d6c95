"""What a model costs: parameters, activations, floating-point operations."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_model.analysis.activations": ["ActivationAnalyzer", "activation_count"],
        "engine_model.analysis.complexity": ["get_model_complexity_info"],
        "engine_model.analysis.flops": ["FlopAnalyzer", "flop_count"],
        "engine_model.analysis.parameters": ["parameter_count", "parameter_count_table"],
    },
)
