# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_config.__about__ import (
    __version__ as __version__,
)
from engine_config.command_line import (
    DictAction as DictAction,
)
from engine_config.config import (
    Config as Config,
)
from engine_config.diff import (
    Change as Change,
)
from engine_config.errors import (
    ConfigError as ConfigError,
    ConfigKeyError as ConfigKeyError,
    ConfigLimitError as ConfigLimitError,
    ConfigNotFoundError as ConfigNotFoundError,
    ConfigSyntaxError as ConfigSyntaxError,
    ConfigTypeError as ConfigTypeError,
    UntrustedConfigError as UntrustedConfigError,
)
from engine_config.lazy import (
    LazyAttr as LazyAttr,
    LazyObject as LazyObject,
    read_base as read_base,
)
from engine_config.node import (
    ConfigDict as ConfigDict,
)
from engine_config.provenance import (
    Origin as Origin,
)
