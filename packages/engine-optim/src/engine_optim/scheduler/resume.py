"""Schedulers of a training that is resumed: where they stood, and what the config says now."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine_optim.scheduler.base import ParamScheduler, note_steps, set_setting, setting

__all__ = ["Clocks", "resume_schedulers", "settings_of_groups"]

# What follows from the settings, and is no argument.
_DERIVED: Final = ("total_iters", "cumulative_periods", "_schedule_phases", "min_values")
_NO_SETTING: Final = ("optimizer", "last_step")
_SAID_BY_NOTHING: Final = ("verbose",)
# What says nothing of a class: it may be there or not, or MMEngine calls it otherwise.
_OF_NO_CLASS: Final = frozenset(
    {"optimizer", "clock", "verbose", "base_values", "anneal_strategy", "anneal_func", "rule_worse"}
)


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Where a training stands, and how long one of its epochs is."""

    epochs: int
    iterations: int
    steps: int
    epoch_length: int | None


def settings_of_groups(schedulers: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what is set in each parameter group of the optimizer that schedulers change."""
    optimizer = getattr(schedulers[0], "optimizer", None) if schedulers else None
    groups = getattr(optimizer, "param_groups", ())
    return [{key: each for key, each in group.items() if key != "params"} for group in groups]


def resume_schedulers(
    schedulers: Sequence[Any],
    states: Sequence[Mapping[str, Any]],
    clocks: Clocks,
    *,
    configured: Sequence[Mapping[str, Any]],
    tell: Callable[..., None],
) -> None:
    """Let the schedulers of one optimizer go on, whose own state was loaded before.

    Where they stood is taken from their states, what they are to do from their arguments, in which
    the defaults of a longer training are others. Where the two differ, the settings that they
    change get the values that a training with these arguments would have by now; what none of
    them changes any more, the value that is configured.

    Args:
        schedulers: as they were made for this training.
        states: those of the checkpoint.
        clocks: where the training goes on.
        configured: what the optimizer's groups said before its state was loaded.
        tell: logs a warning.
    """
    if len(schedulers) != len(states):
        tell(
            "the checkpoint holds the states of %d schedulers, and there are %d: each goes on from "
            "one of its own setting and kind",
            *(len(states), len(schedulers)),
        )
    partners = _partners(schedulers, states)
    changed: set[Any] = set()
    for place, (scheduler, state) in enumerate(zip(schedulers, partners, strict=True)):
        lines = [] if state is None else _go_on(scheduler, state, place)
        for line in lines:
            tell("%s", line)
        if state is None and isinstance(scheduler, ParamScheduler):
            scheduler.begin_anew()
        if lines or state is None:
            changed.add(_setting_of(scheduler))
    left = {state.get("param_name") for state in states if not any(state is p for p in partners)}
    driven = dict.fromkeys(map(_setting_of, schedulers))
    _replay(schedulers, [name for name in driven if name in changed | left], clocks, tell=tell)
    if schedulers and isinstance(schedulers[0], ParamScheduler):
        for name in left - driven.keys():
            if isinstance(name, str):
                _reset(schedulers[0].optimizer.param_groups, name, configured, tell=tell)


def _setting_of(scheduler: Any) -> Any:
    return getattr(scheduler, "param_name", None)


def _partners(
    schedulers: Sequence[Any], states: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any] | None]:
    """The state of each scheduler: of its setting and class, or else of its setting; by place."""
    found: list[Mapping[str, Any] | None] = [None] * len(schedulers)
    left = list(states)
    for fits in (_is_of, lambda *_: True):
        for place, scheduler in enumerate(schedulers):
            those = (
                state
                for state in left
                if state.get("param_name") == _setting_of(scheduler) and fits(scheduler, state)
            )
            if found[place] is None and (state := next(those, None)) is not None:
                found[place] = state
                left = [each for each in left if each is not state]
    return found


def _is_of(scheduler: Any, state: Mapping[str, Any]) -> bool:
    """Whether a state is of a scheduler's class, which it doesn't name: it says the same things."""
    return not (scheduler.state_dict().keys() ^ state.keys()) - _OF_NO_CLASS


def _reset(
    groups: Sequence[dict[str, Any]],
    name: str,
    configured: Sequence[Mapping[str, Any]],
    *,
    tell: Callable[..., None],
) -> None:
    """Give a setting that no scheduler changes any more the value that is configured."""
    if len(groups) != len(configured):
        return
    try:
        before = [setting(group, name) for group in groups]
        now = [setting(group, name) for group in configured]
    except KeyError:  # of a former optimizer
        return
    for group, value in zip(groups, now, strict=True):
        set_setting(group, name, value)
    if now != before:
        tell(
            "no scheduler changes %s any more: it goes on with %s, as configured, and was %s in "
            "the checkpoint",
            *(name, now[:3], before[:3]),
        )


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
    other = [f"{name} was of another class in the checkpoint"] * _is_of_another(scheduler, state)
    return [
        *other,
        *(
            f"{name}: {key} is {_plain(now)!r} and was {_plain(state[key])!r} in the checkpoint"
            for key, now in settings.items()
            if key in state and key not in _SAID_BY_NOTHING and _plain(state[key]) != _plain(now)
        ),
    ]


def _is_of_another(scheduler: ParamScheduler, state: Mapping[str, Any]) -> bool:
    """Whether a state lacks arguments of a scheduler's class, or has some of other classes."""
    said = settings_of(scheduler).keys() & scheduler.state_dict().keys()
    if said - state.keys() - _OF_NO_CLASS:
        return True
    more = state.keys() - vars(scheduler).keys() - _OF_NO_CLASS
    return bool(more) and any(more & _arguments_of(kind).keys() for kind in _all(ParamScheduler))


def _all(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _all(each)


def _arguments_of(of: type[Any]) -> dict[str, None]:
    names: dict[str, None] = {}
    for kind in of.__mro__:
        if "__init__" in vars(kind) and kind is not object:
            names |= dict.fromkeys(inspect.signature(vars(kind)["__init__"]).parameters)
    return names


def settings_of(scheduler: ParamScheduler) -> dict[str, Any]:
    """Return the arguments of a scheduler that it keeps, by name."""
    names, held = _arguments_of(type(scheduler)), vars(scheduler)
    return {name: held[name] for name in names if name in held and name not in _NO_SETTING}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _shown(values: Sequence[float]) -> str:
    """The first few values, without the digits of a rounding error."""
    return f"[{', '.join(f'{value:.6g}' for value in values[:3])}]"


def _replay(
    schedulers: Sequence[Any], names: Sequence[Any], clocks: Clocks, *, tell: Callable[..., None]
) -> None:
    """Give the optimizer the values of some settings that these schedulers would have come to."""
    for name in names:
        those = [each for each in schedulers if getattr(each, "param_name", None) == name]
        if not all(isinstance(each, ParamScheduler) and not each.need_val_args for each in those):
            tell("%s depends on more than the config: it goes on from its value of then", name)
            continue
        before = those[0].get_values()
        _replay_one(those, clocks)
        after = those[0].get_values()
        if before != after:
            told = (_shown(after), _shown(before))
            tell("%s goes on with %s, and was %s in the checkpoint", name, *told)


def _replay_one(schedulers: Sequence[ParamScheduler], clocks: Clocks) -> None:
    verbose = [each.verbose for each in schedulers]
    for each in schedulers:
        note_steps(each.optimizer)
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
