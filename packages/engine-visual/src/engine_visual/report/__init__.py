"""A run on one page that needs neither server nor network."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_visual.report.page": ["write_report"],
    },
)
