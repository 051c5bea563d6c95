"""Which hooks do something at which stage: worked out when a hook comes, not when it is called."""

from __future__ import annotations

import logging
from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

from engine_runner.hooks.hook import GENERIC, STAGES, Hook, implements
from engine_runner.hooks.priority import Priority, get_priority
from engine_runner.stage_calls import ITERATION_STAGES

__all__ = ["HookTable"]

logger = logging.getLogger(__name__)

_FIRST = ("before_", "after_")


class _Hooks(list[Hook]):
    """A list of hooks that forgets what was worked out of them when anybody changes it."""

    caches: tuple[dict[str, Any], ...] = ()  # none, while it is unpickled

    def __init__(self, *caches: dict[str, Any]) -> None:
        super().__init__()
        self.caches = caches


def _change(name: str) -> Any:
    """Return a method of `list` that changes it, for a list of hooks."""
    method = getattr(list, name)

    @wraps(method)
    def change(self: _Hooks, *args: Any, **kwargs: Any) -> Any:
        for cache in self.caches:
            cache.clear()
        return method(self, *args, **kwargs)

    return change


for _name in (
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),
    *("__setitem__", "__delitem__", "__iadd__", "__imul__"),
):
    setattr(_Hooks, _name, _change(_name))


class HookTable:
    """Hooks in the order of their priority, and by stage.

    Attributes:
        hooks: all of them; those of one priority in the order in which they came. A library may
            change the list, as it does with MMEngine's: the next stage is of what is there then.
        stages: what `stage` has worked out so far.
        in_order: the methods of an iteration's stage by its name, such that they take what the
            stage gets in order; worked out when they are asked for.
    """

    def __init__(self) -> None:
        self.stages: dict[str, list[Callable[..., None]]] = {}
        self.in_order: dict[str, list[Callable[..., None]]] = _InOrder(self)
        self.hooks: list[Hook] = _Hooks(self.stages, self.in_order)

    def add(self, hook: Hook, priority: int | str | Priority | None = None) -> None:
        """Put a hook in its place, and warn of a stage that can't take what it will be given.

        Args:
            hook: the hook.
            priority: None means its own.

        Raises:
            ValueError: it has a method that looks like a stage, misspelt.
        """
        _check_names(hook)
        _check_parameters(hook)
        if priority is not None:
            get_priority(priority)  # raises, if it is none
            hook.priority = priority
        rank = get_priority(hook.priority)
        place = len(self.hooks)
        while place and rank < get_priority(self.hooks[place - 1].priority):
            place -= 1
        self.hooks.insert(place, hook)

    def stage(self, name: str) -> list[Callable[..., None]]:
        """Return the methods to call at a stage, in order; those of a stage of a user's own, too.

        Raises:
            ValueError: there is no such stage, and no hook has a method of that name.
        """
        found = self.stages.get(name)
        if found is None:
            found = self.stages[name] = self._methods(name)
        return found

    def _methods(self, name: str) -> list[Callable[..., None]]:
        if name in STAGES:
            return [getattr(hook, name) for hook in self.hooks if implements(hook, name)]
        found = [getattr(hook, name) for hook in self.hooks if hasattr(hook, name)]
        near = get_close_matches(name, STAGES, n=1, cutoff=0.9)
        if near and not found:
            raise ValueError(f"hooks have no stage {name!r}; did you mean {near[0]!r}?")
        return found

    def describe(self) -> str:
        """Return which hooks are called at which stage, in order, as text."""
        lines = []
        triggered = [(hook, hook.get_triggered_stages()) for hook in self.hooks]
        for stage in STAGES:
            hooks = [hook for hook, stages in triggered if stage in stages]
            if hooks:
                lines.append(f"{stage}:")
                lines += [f"({_named(hook):<12}) {type(hook).__name__:<35}" for hook in hooks]
                lines.append(" -------------------- ")
        return "\n".join(lines)


class _InOrder(dict[str, list[Callable[..., None]]]):
    """Methods of stages by name, worked out when they are first asked for."""

    def __init__(self, table: HookTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, name: str) -> list[Callable[..., None]]:
        names = ITERATION_STAGES[name]
        found = self[name] = [_taking_in_order(each, names) for each in self._table.stage(name)]
        return found

    def __reduce__(self) -> Any:
        return type(self), (self._table,)  # nothing is kept: methods are found again


class _ByName:
    """A method whose parameters have an order of their own: it gets them by their names."""

    def __init__(self, method: Callable[..., None], names: tuple[str, ...]) -> None:
        self._method, self._names = method, names
        self.__self__ = getattr(method, "__self__", method)

    def __call__(self, runner: Any, *values: Any) -> None:
        self._method(runner, **dict(zip(self._names, values, strict=True)))


def _taking_in_order(method: Callable[..., None], names: tuple[str, ...]) -> Callable[..., None]:
    try:
        known = [*signature(method).parameters.values()]
    except (TypeError, ValueError):  # of no Python function
        return _ByName(method, names)
    own = tuple(each.name for each in known[1 : 1 + len(names)])
    usual = all(each.kind is Parameter.POSITIONAL_OR_KEYWORD for each in known[: 1 + len(names)])
    return method if own == names and usual else _ByName(method, names)


def _named(hook: Hook) -> str:
    number = get_priority(hook.priority)
    return next((each.name for each in Priority if each.value == number), str(number))


def _check_names(hook: Hook) -> None:
    for name in dir(type(hook)):
        if not name.startswith(_FIRST) or name in STAGES:
            continue
        near = get_close_matches(name, STAGES, n=1, cutoff=0.9)
        if near and callable(getattr(hook, name)):
            raise ValueError(
                f"the hook {type(hook).__name__} has a method {name!r}, which is no stage and "
                f"would never be called; did you mean {near[0]!r}?"
            )


def _check_parameters(hook: Hook) -> None:
    """Warn now of what would end a training where the stage is first called, maybe hours later."""
    for name in (*STAGES, *sorted({*GENERIC.values()})):
        if not implements(hook, name):
            continue
        wanted = signature(getattr(Hook, name))
        given = [*wanted.parameters][2:]  # beside the hook itself and the runner
        try:
            signature(getattr(hook, name), follow_wrapped=False).bind(None, **dict.fromkeys(given))
        except TypeError as error:
            logger.warning(
                "the hook %s can't be called at %s: %s; a hook has it as %s%s",
                *(type(hook).__name__, name, error, name, _bare(wanted)),
            )
        except ValueError:  # of no Python function
            continue


def _bare(wanted: Signature) -> Signature:
    """The signature of a method without its annotations, which say more than is asked for."""
    bare = [each.replace(annotation=Parameter.empty) for each in wanted.parameters.values()]
    return wanted.replace(parameters=bare, return_annotation=Signature.empty)
