"""Modules that initialise themselves as a config says."""

from __future__ import annotations

import copy
import logging
from abc import ABCMeta
from collections.abc import Iterable
from typing import Any

from torch import nn

from engine_model.init_from_config import initialize
from engine_model.init_info import recorded

__all__ = ["BaseModule", "ModuleDict", "ModuleList", "Sequential"]

logger = logging.getLogger(__name__)


class BaseModule(nn.Module, metaclass=ABCMeta):
    """A module whose `init_weights` follows ``init_cfg``, and then its children's.

    Args:
        init_cfg: config of an initialiser, or a list of them.
    """

    def __init__(self, init_cfg: dict[str, Any] | list[dict[str, Any]] | None = None) -> None:
        super().__init__()
        self._is_init = False
        self.init_cfg: Any = copy.deepcopy(init_cfg)

    @property
    def is_init(self) -> bool:
        """Whether `init_weights` was called."""
        return self._is_init

    @is_init.setter
    def is_init(self, value: bool) -> None:
        self._is_init = value

    def init_weights(self) -> None:
        """Initialise the weights: this module's by its config, then the children by theirs.

        What a child says about itself wins over what its parent says of it; weights that are
        loaded (``Pretrained``) come last, and win over both. It is done once: a second call warns.
        """
        if self._is_init:
            logger.warning("init_weights of %s was called before", type(self).__name__)
            return
        configs = self.init_cfg if isinstance(self.init_cfg, list | tuple) else [self.init_cfg]
        configs = [config for config in configs if config]
        pretrained = [config for config in configs if _loads(config)]
        with recorded(self):
            initialize(self, [config for config in configs if not _loads(config)])
            for child in self.children():
                _init_child(child)
            initialize(self, pretrained)
        self._is_init = True

    def _dump_init_info(self) -> None:
        """Nothing: `init_weights` tells the log file where weights are from; libraries call it."""

    def __repr__(self) -> str:
        text = super().__repr__()
        return f"{text}\ninit_cfg={self.init_cfg}" if self.init_cfg else text


def _loads(config: Any) -> bool:
    """Whether a config names the initialiser that loads weights, or is its class."""
    kind = config.get("type") if isinstance(config, dict) else None
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    return name.rsplit(".")[-1] in ("Pretrained", "PretrainedInit")


def _init_child(child: Any) -> None:
    inner = child if hasattr(child, "init_weights") else getattr(child, "module", child)
    if hasattr(inner, "init_weights") and not getattr(inner, "is_init", False):
        inner.init_weights()


class Sequential(BaseModule, nn.Sequential):
    """Torch's Sequential, with ``init_cfg``.

    Args:
        args: the modules.
        init_cfg: how weights are initialised.
    """

    def __init__(self, *args: Any, init_cfg: dict[str, Any] | None = None) -> None:
        BaseModule.__init__(self, init_cfg)
        nn.Sequential.__init__(self, *args)


class ModuleList(BaseModule, nn.ModuleList):
    """Torch's ModuleList, with ``init_cfg``.

    Args:
        modules: the modules.
        init_cfg: how weights are initialised.
    """

    def __init__(
        self, modules: Iterable[Any] | None = None, init_cfg: dict[str, Any] | None = None
    ) -> None:
        BaseModule.__init__(self, init_cfg)
        nn.ModuleList.__init__(self, modules)


class ModuleDict(BaseModule, nn.ModuleDict):
    """Torch's ModuleDict, with ``init_cfg``.

    Args:
        modules: the modules by name.
        init_cfg: how weights are initialised.
    """

    def __init__(
        self, modules: dict[str, Any] | None = None, init_cfg: dict[str, Any] | None = None
    ) -> None:
        BaseModule.__init__(self, init_cfg)
        nn.ModuleDict.__init__(self, modules)
