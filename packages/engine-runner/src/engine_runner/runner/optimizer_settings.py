"""Whether the settings in a saved state of an optimizer can be such as this one has."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any

from torch import Tensor

from engine_runner.strategy.base import optimizers_of

__all__ = ["check_settings"]


def check_settings(optim_wrapper: Any, state: Mapping[str, Any]) -> None:
    """Refuse a state that is certainly damaged, and would fail at the first step.

    What an optimizer keeps in its groups may be of another type after a while. Of torch's own
    classes it is known what their arguments may be; of others only that one of their arguments
    that is a number here is none of text or a container there.

    Args:
        optim_wrapper: one wrapper, or several by name.
        state: what a checkpoint holds of it.

    Raises:
        ValueError: a setting is no number; the message names it.
    """
    wrappers = getattr(optim_wrapper, "optim_wrappers", None)
    if isinstance(wrappers, Mapping):
        for name in wrappers.keys() & state.keys():
            check_settings(wrappers[name], state[name])
        return
    for optimizer in optimizers_of(optim_wrapper):
        own: Mapping[str, Any] = getattr(optimizer, "defaults", {})
        is_known = f"{type(optimizer).__module__}.".startswith("torch.optim.")
        fits = _fits if is_known else _may_fit
        here: Mapping[str, Any] = next(iter(getattr(optimizer, "param_groups", ())), {})
        for number, group in enumerate(state.get("param_groups", ())):
            for key in here.keys() & group.keys():
                if key.removeprefix("initial_") in own and not fits(group[key], here[key]):
                    raise ValueError(
                        f"param_groups[{number}][{key!r}] is {group[key]!r:.80} there, and "
                        f"{here[key]!r:.80} here"
                    )


def _may_fit(saved: Any, here: Any) -> bool:
    """Whether a value may stand where the other does, in an optimizer that isn't known."""
    is_number = _is_number(here) and not isinstance(here, bool)
    return not is_number or saved is None or isinstance(saved, Number | Tensor)


def _fits(saved: Any, here: Any) -> bool:
    """Whether a value may stand where the other does, in one of torch's."""
    if here is None and isinstance(saved, str):
        return True  # such as the name of a function
    if isinstance(here, bool | None):
        return isinstance(saved, bool | None) or _is_number(saved)
    if _is_number(here):
        return _is_number(saved) and not isinstance(saved, bool) and not _is_nan(saved)
    if isinstance(here, list | tuple):
        same = isinstance(saved, list | tuple) and len(saved) == len(here)
        return same and all(map(_fits, saved, here))
    return not isinstance(here, str | Mapping) or isinstance(saved, type(here))


def _is_nan(value: Any) -> bool:
    return bool(value != value)


def _is_number(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and not value.is_complex()
    return isinstance(value, Number) and not isinstance(value, complex)
