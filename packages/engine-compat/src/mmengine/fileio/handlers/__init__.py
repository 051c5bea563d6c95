"""Names of MMEngine's `mmengine.fileio.handlers`, from engine_fileio and engine_fileio.handlers."""

from engine_fileio import BaseFileHandler, JsonHandler, PickleHandler, YamlHandler, register_handler
from engine_fileio.handlers import file_handlers

__all__ = [
    "BaseFileHandler",
    "JsonHandler",
    "PickleHandler",
    "YamlHandler",
    "file_handlers",
    "register_handler",
]
