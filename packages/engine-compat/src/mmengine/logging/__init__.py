"""Names of MMEngine's `mmengine.logging`, from engine_logging."""

from engine_logging import HistoryBuffer, MessageHub, MMLogger, print_log

__all__ = ["HistoryBuffer", "MMLogger", "MessageHub", "print_log"]
