"""Names of MMEngine's `mmengine.analysis.print_helper`, from engine_model.analysis."""

from engine_model.analysis import get_model_complexity_info
from engine_model.analysis.table import short

__all__ = ["_format_size", "get_model_complexity_info"]


def _format_size(x: int, sig_figs: int = 3, hide_zero: bool = False) -> str:
    """Return a count as people write it, such as 25.557M; nothing for 0 if ``hide_zero``."""
    return "" if hide_zero and not x else short(x, sig_figs)
