"""Names of MMEngine's `mmengine.logging.logger`, from engine_logging."""

from engine_logging import MMLogger, print_log

__all__ = ["MMLogger", "print_log"]
