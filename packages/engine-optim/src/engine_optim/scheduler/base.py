"""What changes a setting of an optimizer as a training goes on."""

from __future__ import annotations

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from torch.optim import Optimizer

from engine_logging import print_log
from engine_optim.base import BaseOptimWrapper

__all__ = [
    "INF",
    "ParamScheduler",
    "_ParamScheduler",
    "holds_function",
    "iterations",
    "note_steps",
    "set_setting",
    "setting",
    "torch_optimizer",
]

INF: Final = 1_000_000_000
_STEPPED: Final = "_engine_has_stepped"  # attribute of an optimizer that schedulers watch


class ParamScheduler(metaclass=ABCMeta):
    """Changes one setting of every parameter group, from step ``begin`` until before ``end``.

    Each step works on the present value, so that several schedulers of one setting compose. The
    first value is set when a scheduler is made.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting, such as "lr".
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs rather than iterations.
        verbose: whether to log every change.

    Raises:
        TypeError: ``optimizer`` is none.
        ValueError: ``end`` isn't after ``begin``.
        KeyError: ``last_step`` is given, and the optimizer has no initial value.
    """

    need_val_args = False

    def __init__(
        self,
        optimizer: Optimizer | BaseOptimWrapper,
        param_name: str,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        groups = getattr(optimizer, "param_groups", None)
        if isinstance(groups, dict):
            raise TypeError(
                f"{type(self).__name__}: the optimizers {', '.join(groups)} need schedulers of "
                "their own: give them by these names, as param_scheduler=dict(name=[...])"
            )
        if groups is None:
            raise TypeError(
                f"{type(self).__name__}: optimizer must be an Optimizer or an OptimWrapper, got "
                f"{optimizer!r:.200}"
            )
        if end <= begin:
            raise ValueError(
                f"{type(self).__name__}: end must be after begin, got begin={begin}, end={end}"
            )
        self.optimizer: Any = optimizer
        self.param_name = param_name
        self.begin = begin
        self.end = end
        self.by_epoch = by_epoch
        initial = f"initial_{param_name}"
        for group in self._groups():
            if last_step == -1:
                group.setdefault(initial, self._get(group))
            elif initial not in group:
                raise KeyError(f"last_step={last_step} needs {initial!r} in every parameter group")
        self.base_values = [group[initial] for group in self._groups()]
        self.last_step = last_step
        self._global_step = last_step
        _watch(optimizer)
        self.verbose = verbose
        self._last_value: list[Any] = []
        self.step()

    def _groups(self) -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = self.optimizer.param_groups
        return groups

    def _get(self, group: dict[str, Any]) -> Any:
        """The setting's present value in a group."""
        return setting(group, self.param_name)

    def _set(self, group: dict[str, Any], value: Any) -> None:
        set_setting(group, self.param_name, value)

    def get_values(self) -> list[Any]:
        """Return the present value in each group."""
        return self._values()

    def begin_anew(self) -> None:
        """Take what a loaded optimizer holds as the value that each group begins with."""
        initial = f"initial_{self.param_name}"
        self.base_values = [group.get(initial, self._get(group)) for group in self._groups()]

    def restart(self) -> None:
        """Go back to before the first step: every group to its initial value."""
        initial, groups = f"initial_{self.param_name}", self._groups()
        known = self.base_values if len(self.base_values) == len(groups) else self._values()
        for group, value in zip(groups, known, strict=True):
            self._set(group, group.setdefault(initial, value))
        self.base_values = self._values()
        self.last_step = self._global_step = -1

    def state_dict(self) -> dict[str, Any]:
        """Return where it stands, as plain data: without functions, which come with it."""
        return {
            key: value
            for key, value in self.__dict__.items()
            if key != "optimizer" and not holds_function(value)
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where `state_dict` was called; load the optimizer's state before.

        Values of other parameter groups than the optimizer has, as MMEngine's checkpoints hold
        them where parameters have settings of their own, are taken from the optimizer.
        """
        self.__dict__.update({k: v for k, v in state_dict.items() if k in self.__dict__})
        if len(self.base_values) != len(self._groups()):
            self.base_values = self._of_own_groups(self.base_values)
            self._last_value = self._values()

    def _of_own_groups(self, saved: list[Any]) -> list[Any]:
        """Values of each group, where those that were saved are more or fewer.

        A wrapper of several groups has one more than its optimizer, the last one.
        """
        own = [group[f"initial_{self.param_name}"] for group in self._groups()]
        has_base = getattr(self.optimizer, "base_param_settings", None) is not None
        if len(saved) == len(own) + 1 and not has_base:
            return saved[:-1]
        if len(saved) == len(own) - 1 and has_base:
            return [*saved, own[-1]]
        return own

    def get_last_value(self) -> list[Any]:
        """Return the value of each group after the last step."""
        return self._last_value

    @abstractmethod
    def _get_value(self) -> list[Any]:
        """The next value for each group, at ``self.last_step``, which counts from ``begin``."""

    def _values(self) -> list[Any]:
        """The present value in each group."""
        return [self._get(group) for group in self._groups()]

    def print_value(self, is_verbose: bool, group: int, value: float) -> None:
        """Log a change."""
        if is_verbose:
            print_log(f"Adjusting parameter value of group {group} to {value:.4e}.", "current")

    def step(self) -> None:
        """Make a step."""
        self._global_step += 1
        if self._global_step == 1:
            _check_order(self.optimizer)
        if not self.begin <= self._global_step < self.end:
            self._last_value = self._values()
            return
        self.last_step += 1
        values = self._get_value()
        for index, (group, value) in enumerate(zip(self._groups(), values, strict=False)):
            self._set(group, value)
            if self.verbose:
                self.print_value(True, index, value)
        self._last_value = values


def torch_optimizer(optimizer: Any) -> Any:
    """Return the optimizer in a wrapper, or the one that is given."""
    return getattr(optimizer, "optimizer", optimizer)


def _watch(optimizer: Any) -> None:
    """Let torch's optimizer remember whether it has made a step."""
    inner = torch_optimizer(optimizer)
    if isinstance(inner, Optimizer) and not hasattr(inner, _STEPPED):
        setattr(inner, _STEPPED, False)
        inner.register_step_post_hook(_note_step)


def _note_step(optimizer: Any, args: Any, kwargs: Any) -> None:
    setattr(optimizer, _STEPPED, True)


def note_steps(optimizer: Any) -> None:
    """Let an optimizer know that it has made steps, in the training that is gone on with."""
    inner = torch_optimizer(optimizer)
    if hasattr(inner, _STEPPED):
        setattr(inner, _STEPPED, True)


def _check_order(optimizer: Any) -> None:
    if not getattr(torch_optimizer(optimizer), _STEPPED, True):
        warnings.warn(
            "scheduler.step() was called before optimizer.step(): the first value of the schedule "
            "is skipped. If gradients are accumulated or a loss scaler skipped the step, that is "
            "all right",
            stacklevel=3,
        )


def holds_function(value: Any) -> bool:
    """Whether a value is a function, or a container that holds one."""
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(holds_function, value))
    if isinstance(value, Mapping):
        return any(map(holds_function, value.values()))
    return callable(value) and not isinstance(value, type)


def setting(group: Mapping[str, Any], name: str) -> Any:
    """Return the present value of what schedulers call ``name`` in a parameter group."""
    return group["betas"][0] if name == "momentum" and "betas" in group else group[name]


def set_setting(group: dict[str, Any], name: str, value: Any) -> None:
    """Set what schedulers call ``name`` in a parameter group."""
    if name == "momentum" and "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    group[name] = value  # the momentum also beside betas, where MMEngine looks


def iterations(
    scheduler: str, begin: int, end: int, *, by_epoch: bool, epoch_length: int | None
) -> dict[str, Any]:
    """Return begin and end of a scheduler that counted epochs, in iterations.

    Raises:
        ValueError: it didn't count epochs, or nobody says how long one is.
    """
    if not by_epoch:
        raise ValueError(f"{scheduler} counts iterations already: convert_to_iter_based is in vain")
    if epoch_length is None or epoch_length < 1:
        raise ValueError(f"{scheduler}: epoch_length must be positive, got {epoch_length!r}")
    return {
        "begin": int(begin * epoch_length),
        "end": end if end == INF else int(end * epoch_length),
        "by_epoch": False,
    }


_ParamScheduler = ParamScheduler  # MMEngine's name of it
