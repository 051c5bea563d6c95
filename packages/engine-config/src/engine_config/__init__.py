"""Configuration files with inheritance, read without running them."""

from importlib import import_module

_NAMES = {
    "engine_config.__about__": ["__version__"],
    "engine_config.command_line": ["DictAction"],
    "engine_config.config": ["Config"],
    "engine_config.diff": ["Change"],
    "engine_config.errors": [
        "ConfigError",
        "ConfigKeyError",
        "ConfigLimitError",
        "ConfigNotFoundError",
        "ConfigSyntaxError",
        "ConfigTypeError",
        "UntrustedConfigError",
    ],
    "engine_config.lazy": ["LazyAttr", "LazyObject", "read_base"],
    "engine_config.node": ["ConfigDict"],
    "engine_config.provenance": ["Origin"],
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
