"""Runs side by side: a table, a page of curves and pictures, and where their configs differ."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.compare.page": ["write_comparison"],
        "engine_runner.compare.run": ["ComparedRun", "read_runs"],
        "engine_runner.compare.settings": ["Difference", "differences"],
        "engine_runner.compare.table": ["comparison_table"],
    },
)
