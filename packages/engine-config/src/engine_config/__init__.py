"""Configuration files with inheritance, read without running them."""

from typing import Any

from engine_config.__about__ import __version__
from engine_config.config import Config
from engine_config.diff import Change
from engine_config.errors import (
    ConfigError,
    ConfigKeyError,
    ConfigLimitError,
    ConfigNotFoundError,
    ConfigSyntaxError,
    ConfigTypeError,
    UntrustedConfigError,
)
from engine_config.lazy import LazyAttr, LazyObject, read_base
from engine_config.node import ConfigDict
from engine_config.provenance import Origin

__all__ = [
    "Change",
    "Config",
    "ConfigDict",
    "ConfigError",
    "ConfigKeyError",
    "ConfigLimitError",
    "ConfigNotFoundError",
    "ConfigSyntaxError",
    "ConfigTypeError",
    "DictAction",
    "LazyAttr",
    "LazyObject",
    "Origin",
    "UntrustedConfigError",
    "__version__",
    "read_base",
]


def __getattr__(name: str) -> Any:
    if name == "DictAction":  # it brings argparse, which takes as long as all the rest
        from engine_config.command_line import DictAction

        return DictAction
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
