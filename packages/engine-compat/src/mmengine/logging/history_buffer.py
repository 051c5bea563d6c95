"""Names of MMEngine's `mmengine.logging.history_buffer`, from engine_logging."""

from engine_logging import HistoryBuffer

__all__ = ["HistoryBuffer"]
