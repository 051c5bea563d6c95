"""Hook registrar: adds MMEngine's default hooks and further ones, from objects or configs."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, Protocol

from engine_registry import HOOKS
from engine_runner.hooks import Hook, HookTable, Priority

__all__ = ["DEFAULT_HOOKS", "HookRegistrar"]

DEFAULT_HOOKS: Final[Mapping[str, dict[str, Any]]] = {
    "runtime_info": {"type": "RuntimeInfoHook"},
    "timer": {"type": "IterTimerHook"},
    "sampler_seed": {"type": "DistSamplerSeedHook"},
    "logger": {"type": "LoggerHook"},
    "param_scheduler": {"type": "ParamSchedulerHook"},
    "checkpoint": {"type": "CheckpointHook", "interval": 1},
}


class HookSteps(Protocol):
    """The steps of a registration, which a subclass of the runner may override."""

    def register_hook(
        self, hook: Hook | dict[str, Any], priority: str | int | Priority | None = None
    ) -> None:
        """Add one hook."""

    def register_default_hooks(
        self, hooks: Mapping[str, Hook | dict[str, Any] | None] | None = None
    ) -> None:
        """Add the default hooks."""

    def register_custom_hooks(self, hooks: list[Hook | dict[str, Any]]) -> None:
        """Add further hooks."""


class HookRegistrar:
    """Builds hooks and puts them into a table."""

    def __init__(self, table: HookTable, steps: HookSteps) -> None:
        """Register nothing yet.

        Args:
            table: where hooks go.
            steps: through which each further hook is added; an override there counts.
        """
        self._table, self._steps = table, steps

    def register_hook(
        self, hook: Hook | dict[str, Any], priority: str | int | Priority | None = None
    ) -> None:
        """Add a hook, or one made from a config.

        Args:
            hook: the hook; its config may have a ``priority``.
            priority: None means the hook's own.

        Raises:
            TypeError: it is no hook.
            ValueError: it has a method that looks like a stage, misspelt.
        """
        given: Any = hook
        if isinstance(given, dict):
            config = dict(given)
            own = config.pop("priority", None)
            priority = own if priority is None else priority
            given = HOOKS.build(config)
        if not isinstance(given, Hook):
            raise TypeError(f"a hook must be a Hook or the config of one, got {given!r:.200}")
        self._table.add(given, priority)

    def register_default_hooks(
        self, hooks: Mapping[str, Hook | dict[str, Any] | None] | None = None
    ) -> None:
        """Add MMEngine's six default hooks, with those of ``hooks`` in place of them or beside.

        Args:
            hooks: by name: runtime_info, timer, sampler_seed, logger, param_scheduler, checkpoint,
                or another; None in place of a hook leaves it out.

        Raises:
            TypeError: a config has no ``type``, and its name is none of the six.
        """
        wanted: dict[str, Any] = {name: dict(config) for name, config in DEFAULT_HOOKS.items()}
        for name, hook in (hooks or {}).items():
            if hook is None:
                wanted.pop(name, None)
            elif isinstance(hook, dict) and "type" not in hook:
                if name not in DEFAULT_HOOKS:
                    near = get_close_matches(name, DEFAULT_HOOKS, n=1) or [*DEFAULT_HOOKS]
                    raise TypeError(
                        f"default_hooks has no hook {name!r} to change; did you mean "
                        f"{' or '.join(near)}? One beside them needs a 'type'"
                    )
                wanted[name] = {**DEFAULT_HOOKS[name], **hook}
            else:
                wanted[name] = hook
        for hook in wanted.values():
            self._steps.register_hook(hook)

    def register_custom_hooks(self, hooks: list[Hook | dict[str, Any]]) -> None:
        """Add hooks, or those made from configs."""
        for hook in hooks:
            self._steps.register_hook(hook)

    def register_hooks(
        self,
        default_hooks: dict[str, Hook | dict[str, Any]] | None = None,
        custom_hooks: list[Hook | dict[str, Any]] | None = None,
    ) -> None:
        """Add the default hooks, then others."""
        self._steps.register_default_hooks(default_hooks)
        if custom_hooks is not None:
            self._steps.register_custom_hooks(custom_hooks)

    def get_hooks_info(self) -> str:
        """Return which hooks are called at which stage, in order, as text."""
        return f"Hooks will be executed in the following order:\n{self._table.describe()}"
