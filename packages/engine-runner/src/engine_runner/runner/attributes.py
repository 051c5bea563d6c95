"""What MMEngine's runner keeps under private names, which libraries read and assign."""

from __future__ import annotations

from typing import Any

from engine_registry.overridable import overridable
from engine_runner.runner.parts import RunnerParts

__all__ = ["HasPrivateNames"]


def _loop(mode: str) -> Any:
    """The loop of a mode, or its config while it is not built yet."""

    def get(self: RunnerParts) -> Any:
        built = self._loops.get(mode)
        return self._asked[f"{mode}_cfg"] if built is None else built

    def put(self: RunnerParts, value: Any) -> None:
        is_config = value is None or isinstance(value, dict)
        self._loops[mode] = None if is_config else value
        if is_config:
            self._asked[f"{mode}_cfg"] = value

    return property(get, put)


def _asked(name: str) -> Any:
    """What was asked for under a name; a loop that is built later is made of it."""

    def get(self: RunnerParts) -> Any:
        return self._asked[name]

    def put(self: RunnerParts, value: Any) -> None:
        self._asked[name] = value

    return property(get, put)


class HasPrivateNames(RunnerParts):
    """The part of a runner that answers to MMEngine's private names."""

    _train_loop = _loop("train")
    _val_loop = _loop("val")
    _test_loop = _loop("test")
    _train_dataloader = _asked("train_dataloader")
    _val_dataloader = _asked("val_dataloader")
    _test_dataloader = _asked("test_dataloader")
    _val_evaluator = _asked("val_evaluator")
    _test_evaluator = _asked("test_evaluator")

    @property
    def _hooks(self) -> Any:
        return self._table.hooks

    @_hooks.setter
    def _hooks(self, hooks: Any) -> None:
        self._table.hooks[:] = hooks
        self._table.stages.clear()

    @property
    def _randomness_cfg(self) -> dict[str, Any]:
        return self._randomness

    @_randomness_cfg.setter
    def _randomness_cfg(self, settings: dict[str, Any]) -> None:
        self._randomness = settings

    @overridable
    def _deterministic(self) -> bool:
        return self.deterministic

    @overridable
    def _distributed(self) -> bool:
        return self.distributed

    @overridable
    def _rank(self) -> int:
        return self.rank

    @overridable
    def _world_size(self) -> int:
        return self.world_size
