"""Schedulers of a training that is resumed: where they stood, and what the config says now."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine_runner.optim.scheduler.base import ParamScheduler

__all__ = ["Clocks", "resume_schedulers"]

# What follows from the settings, and is no argument.
_DERIVED: Final = ("total_iters", "cumulative_periods", "_schedule_phases", "min_values")
_NO_SETTING: Final = ("optimizer", "last_step")
_SAID_BY_NOTHING: Final = ("verbose",)


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Where a training stands, and how long one of its epochs is."""

    epochs: int
    iterations: int
    steps: int
    epoch_length: int | None


def resume_schedulers(
    schedulers: Sequence[Any],
    states: Sequence[Mapping[str, Any]],
    clocks: Clocks,
    *,
    tell: Callable[..., None],
) -> None:
    """Let the schedulers of one optimizer go on, whose own state was loaded before.

    Where they stood is taken from their states, what they are to do from their arguments, in which
    the defaults of a longer training are others. Where the two differ, the settings that they
    change get the values that a training with these arguments would have by now.

    Args:
        schedulers: as they were made for this training.
        states: those of the checkpoint, by place.
        clocks: where the training goes on.
        tell: logs a warning.
    """
    if len(schedulers) != len(states):
        tell(
            "the checkpoint holds the states of %d schedulers, and there are %d: they go on by "
            "their places",
            *(len(states), len(schedulers)),
        )
    changed = [
        line
        for place, (scheduler, state) in enumerate(zip(schedulers, states, strict=False))
        for line in _go_on(scheduler, state, place)
    ]
    if changed or len(schedulers) > len(states):
        for line in changed:
            tell("%s", line)
        _replay(schedulers, clocks, tell)


def _go_on(scheduler: Any, state: Mapping[str, Any], place: int) -> list[str]:
    """Take over where one stood; return what is said differently of it."""
    if not isinstance(scheduler, ParamScheduler):
        scheduler.load_state_dict(state)
        return []
    settings = settings_of(scheduler)
    scheduler.load_state_dict(
        {key: value for key, value in state.items() if key not in (*settings, *_DERIVED)}
    )
    name = f"param_scheduler {place + 1}, {type(scheduler).__name__}"
    return [
        f"{name}: {key} is {_plain(now)!r} and was {_plain(state[key])!r} in the checkpoint"
        for key, now in settings.items()
        if key in state and key not in _SAID_BY_NOTHING and _plain(state[key]) != _plain(now)
    ]


def settings_of(scheduler: ParamScheduler) -> dict[str, Any]:
    """Return the arguments of a scheduler that it keeps, by name."""
    names: dict[str, None] = {}
    for kind in type(scheduler).__mro__:
        if "__init__" in vars(kind) and kind is not object:
            names |= dict.fromkeys(inspect.signature(vars(kind)["__init__"]).parameters)
    held = vars(scheduler)
    return {name: held[name] for name in names if name in held and name not in _NO_SETTING}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _replay(schedulers: Sequence[Any], clocks: Clocks, tell: Callable[..., None]) -> None:
    """Give the optimizer the values that these schedulers would have come to."""
    names = dict.fromkeys(getattr(each, "param_name", None) for each in schedulers)
    for name in names:
        those = [each for each in schedulers if getattr(each, "param_name", None) == name]
        if not all(isinstance(each, ParamScheduler) and not each.need_val_args for each in those):
            tell("%s depends on more than the config: it goes on from its value of then", name)
            continue
        before = those[0].get_values()
        _replay_one(those, clocks)
        after = those[0].get_values()
        if before != after:
            tell("%s goes on with %s, and was %s in the checkpoint", name, after[:3], before[:3])


def _replay_one(schedulers: Sequence[ParamScheduler], clocks: Clocks) -> None:
    verbose = [each.verbose for each in schedulers]
    for each in schedulers:
        each.verbose = False
        each.restart()
    for each in schedulers:
        each.step()
    by_epoch = [each for each in schedulers if each.by_epoch]
    others = [each for each in schedulers if not each.by_epoch]
    by_step = [each for each in others if getattr(each, "clock", "iteration") == "step"]
    length = clocks.epoch_length or max(1, clocks.iterations)
    epochs = steps = 0
    for iteration in range(1, clocks.iterations + 1):
        has_stepped = iteration * clocks.steps // clocks.iterations > steps
        steps += has_stepped
        for each in others:
            if has_stepped or each not in by_step:
                each.step()
        if iteration % length == 0 and epochs < clocks.epochs:
            epochs += 1
            for each in by_epoch:
                each.step()
    for _ in range(clocks.epochs - epochs):
        for each in by_epoch:
            each.step()
    for each, told in zip(schedulers, verbose, strict=True):
        each.verbose = told
