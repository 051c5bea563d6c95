"""Names of MMEngine's `mmengine.logging.message_hub`, from engine_logging."""

from engine_logging import MessageHub

__all__ = ["MessageHub"]
