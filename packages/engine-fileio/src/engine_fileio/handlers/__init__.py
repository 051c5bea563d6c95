"""File formats: objects to a file and back."""

from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.handlers.json_handler import JsonHandler
from engine_fileio.handlers.pickle_handler import PickleHandler
from engine_fileio.handlers.registry import file_handlers, register_handler
from engine_fileio.handlers.yaml_handler import YamlHandler

__all__ = [
    "BaseFileHandler",
    "JsonHandler",
    "PickleHandler",
    "YamlHandler",
    "file_handlers",
    "register_handler",
]
