"""Sweep settings: of the command line, or else of the config's ``sweep``."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution

from engine_config import Config
from engine_registry.check import check
from engine_runner.hooks.best_checkpoint import rule_of
from engine_sweep.errors import SpaceError
from engine_sweep.space import distribution_of, extremes

__all__ = ["SweepSettings"]

_KEYS = ("space", "metric", "direction", "trials", "sampler", "pruner", "clock", "value")

# Samplers whose seed puts all trials in an order.
_IN_ORDER = ("BruteForceSampler", "GridSampler", "QMCSampler")


@dataclass(frozen=True, kw_only=True)
class SweepSettings:
    """What is searched, and how.

    Attributes:
        space: the distribution of each value, by its dotted key in the config.
        metric: the number of the validation that counts.
        direction: whether it is to be large or small.
        trials: how many settings are tried.
        sampler: a sampler of Optuna's, as a config; seeded, so that a sweep can be repeated.
        pruner: a pruner of Optuna's, as a config.
        clock: whether validations are compared by the epoch or by the iteration they were at.
        value: what a trial comes to: its best or its last validation.
    """

    space: Mapping[str, BaseDistribution]
    metric: str
    direction: Literal["maximize", "minimize"]
    trials: int = 20
    sampler: Mapping[str, Any] = field(default_factory=lambda: {"type": "TPESampler", "seed": 0})
    pruner: Mapping[str, Any] = field(default_factory=lambda: {"type": "NopPruner"})
    clock: Literal["epoch", "iteration"] = "epoch"
    value: Literal["best", "last"] = "best"

    @classmethod
    def of(cls, cfg: Config, space: Mapping[str, str], **options: Any) -> SweepSettings:
        """Return the settings of a config, changed by the command line.

        Args:
            cfg: the config; its ``sweep`` may have any of the attributes.
            space: added to the config's space.
            options: attributes; None means what the config says.

        Raises:
            SpaceError: there is no space, no metric, or a key of ``sweep`` is none of these.
        """
        given = dict(cfg.get("sweep") or {})
        unknown = set(given) - set(_KEYS)
        if unknown:
            near = get_close_matches(min(unknown), _KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise SpaceError(f"sweep has no key {min(unknown)!r}{hint}")
        given |= {name: value for name, value in options.items() if value is not None}
        wanted = {**(given.pop("space", None) or {}), **space}
        if not wanted:
            raise SpaceError("nothing is searched: give --space KEY=DISTRIBUTION, or sweep.space")
        metric = given.pop("metric", None) or _saved_best(cfg)
        direction = given.pop("direction", None) or _direction(metric)
        for name in ("sampler", "pruner"):
            if isinstance(given.get(name), str):
                given[name] = {"type": given[name]}
        by_epoch = (cfg.get("train_cfg") or {}).get("by_epoch", True)
        given.setdefault("clock", "epoch" if by_epoch else "iteration")
        distributions = {key: distribution_of(each, key) for key, each in wanted.items()}
        return cls(space=distributions, metric=metric, direction=direction, **given)

    def make_sampler(self, number: int) -> optuna.samplers.BaseSampler:
        """Return the sampler for a trial; what it draws depends on the trial's number alone."""
        arguments = dict(self.sampler)
        if arguments.get("seed") is not None and arguments.get("type") not in _IN_ORDER:
            arguments["seed"] += number
        sampler: optuna.samplers.BaseSampler = _made(optuna.samplers, "sampler", arguments)
        return sampler

    def make_pruner(self) -> optuna.pruners.BasePruner:
        """Return the pruner."""
        pruner: optuna.pruners.BasePruner = _made(optuna.pruners, "pruner", dict(self.pruner))
        return pruner

    def check(self, cfg: Config) -> None:
        """Look whether the config can have each key and each choice; nothing is built.

        Raises:
            SpaceError: it can't; the message has all of it.
        """
        known = {str(each) for each in check(cfg)}
        problems = []
        for key, distribution in self.space.items():
            try:
                _ = cfg.origin(key.rpartition(".")[0]) if "." in key else None
            except KeyError:
                problems.append(f"{key}: the config has nothing of that name")
                continue
            for value in extremes(distribution):
                changed = copy.deepcopy(cfg)
                changed.merge_from_dict({key: value})
                found = (str(each) for each in check(changed))
                problems += [f"{key}={value!r}: {text}" for text in found if text not in known]
        if problems:
            raise SpaceError("\n".join(dict.fromkeys(problems)))


def _saved_best(cfg: Config) -> str:
    hooks = cfg.get("default_hooks") or {}
    found = (hooks.get("checkpoint") or {}).get("save_best")
    if not isinstance(found, str) or found == "auto":
        raise SpaceError("which number counts isn't said: give --metric NAME, or sweep.metric")
    return found


def _direction(metric: str) -> Literal["maximize", "minimize"]:
    try:
        return "maximize" if rule_of(metric) == "greater" else "minimize"
    except (ValueError, KeyError) as error:
        raise SpaceError(
            f"whether {metric} is to be large or small isn't said: give --direction"
        ) from error


def _made(module: Any, what: str, arguments: dict[str, Any]) -> Any:
    name = arguments.pop("type", None)
    known = [each for each in module.__all__ if each.lower().endswith(what)]
    if name not in known:
        raise SpaceError(f"Optuna has no {what} {name!r}; it has {', '.join(known)}")
    try:
        return getattr(module, name)(**arguments)
    except TypeError as error:
        raise SpaceError(f"{what} {name}: {error}") from error
