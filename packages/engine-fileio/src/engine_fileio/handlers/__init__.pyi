# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_fileio.handlers.base import (
    BaseFileHandler as BaseFileHandler,
)
from engine_fileio.handlers.json_handler import (
    JsonHandler as JsonHandler,
)
from engine_fileio.handlers.pickle_handler import (
    PickleHandler as PickleHandler,
)
from engine_fileio.handlers.registry import (
    file_handlers as file_handlers,
    register_handler as register_handler,
)
from engine_fileio.handlers.yaml_handler import (
    YamlHandler as YamlHandler,
)
