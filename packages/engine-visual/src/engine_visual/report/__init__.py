"""A run on one page that needs neither server nor network."""

from engine_visual.report.page import write_report

__all__ = ["write_report"]
