"""Parts of a runner, to which it hands its tasks; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from engine_runner.hooks import HookTable
from engine_runner.runner import startup
from engine_runner.runner.checkpointer import Checkpointer
from engine_runner.runner.hook_registrar import HookRegistrar
from engine_runner.runner.loop_table import REQUESTED, LoopTable
from engine_runner.runner.object_builder import ObjectBuilder
from engine_runner.runner.run_info import RunInfo

__all__ = ["RunnerParts"]

_PARTS: Final = ("_info", "_loops", "_hook_table", "_registrar", "_builder", "_checkpointer")


class RunnerParts:
    """The parts of a runner, made of the arguments of its constructor.

    They are there before the constructor has run: a subclass may assign by MMEngine's private
    names first. They hold no function of their own, so that a runner can be copied and pickled.
    """

    _arguments: Mapping[str, Any] = MappingProxyType({})  # what the constructor was given

    @cached_property
    def _info(self) -> RunInfo:
        """Names, folders, seed."""
        given = self._arguments
        return startup.run_info(given) if given else RunInfo(work_dir="")

    @cached_property
    def _loops(self) -> LoopTable:
        """The loops, and what they are made of."""
        requested = {name: self._arguments.get(name) for name in REQUESTED}
        return LoopTable(requested, self._build_loop)

    @cached_property
    def _hook_table(self) -> HookTable:
        """The hooks, in order and by stage."""
        return HookTable()

    @cached_property
    def _registrar(self) -> HookRegistrar:
        """What builds hooks and puts them into the hook table."""
        runner: Any = self
        return HookRegistrar(self._hook_table, runner)

    @cached_property
    def _builder(self) -> ObjectBuilder:
        """What makes objects of configs."""
        runner: Any = self
        plain = {name: self._arguments.get(name) for name in ("loss", "data_preprocessor")}
        return ObjectBuilder(runner, self._loops.requested, **plain)

    @cached_property
    def _checkpointer(self) -> Checkpointer:
        """What saves, loads and resumes."""
        runner: Any = self
        prepare = self._builder.prepare_optimizer
        return Checkpointer(runner, self._info, self._loops, prepare_optimizer=prepare)

    def _renew_parts(self) -> None:
        """Let the parts be made anew: the constructor replaces what was assigned before it."""
        for name in _PARTS:
            vars(self).pop(name, None)

    def _build_loop(self, mode: str, config: Any) -> Any:
        """Return the loop of a mode, by the method that a subclass may override."""
        return getattr(self, f"build_{mode}_loop")(config)
