"""Names of MMEngine's `mmengine.fileio.handlers.registry_utils`."""

from engine_fileio import register_handler
from engine_fileio.handlers import file_handlers

__all__ = ["file_handlers", "register_handler"]
