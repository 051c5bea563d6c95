"""File formats: objects to a file and back."""

from importlib import import_module
from typing import Final

_NAMES: Final = {
    "engine_fileio.handlers.base": ["BaseFileHandler"],
    "engine_fileio.handlers.json_handler": ["JsonHandler"],
    "engine_fileio.handlers.pickle_handler": ["PickleHandler"],
    "engine_fileio.handlers.registry": ["file_handlers", "register_handler"],
    "engine_fileio.handlers.yaml_handler": ["YamlHandler"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
