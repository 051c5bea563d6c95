"""Problems of a config: what would fail when a training is built of it, found without building."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from torch.utils.data import DataLoader

from engine_config import Config, ConfigDict
from engine_fileio.address import hide_secrets
from engine_logging.logger import level_number
from engine_optim import OptimWrapper
from engine_registry import HOOKS
from engine_registry.build import is_lazy
from engine_registry.check import READ_BY_BUILD, Problem, Taker, check, origin_of
from engine_runner.hooks.priority import get_priority
from engine_runner.logs import LogProcessor
from engine_runner.loops import EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop, ValLoop
from engine_runner.loops.multi_loader import loaders_of
from engine_runner.runner.config_check import KEYS, READ
from engine_runner.runner.config_keys import (
    ENV_KEYS,
    misspelt,
    misspelt_env_keys,
    unknown_keys,
)
from engine_runner.runner.environment import set_multi_processing
from engine_runner.runner.hook_registrar import DEFAULT_HOOKS
from engine_runner.runner.loop_table import incomplete
from engine_runner.runner.lr_scaling import scaling
from engine_runner.runner.runner import Runner

__all__ = ["problems_of"]

_Values = Mapping[str, Any]  # the values of `KEYS`
_MODES: Final = ("train", "val", "test")
# Of `KEYS`, those whose value may be a plain text or number.
_PLAIN: Final = (
    *("work_dir", "load_from", "resume", "launcher", "log_level", "default_scope"),
    *("experiment_name", "loss"),
)
# Those that may be a list.
_LISTS: Final = (
    *("model", "train_dataloader", "val_dataloader", "test_dataloader", "param_scheduler"),
    *("val_evaluator", "test_evaluator", "custom_hooks"),
)
# What its name may stand for.
_NAMED: Final = ("collate_fn", "loss")


def problems_of(cfg: Config) -> list[Problem]:
    """Return what would fail when a training is built of a config.

    What has a ``type`` is held against the class that it names, anything else against what reads
    it: `engine_registry.check.check` tells what is imported for that.
    """
    values = {key: cfg.get(key) for key in KEYS}
    own = [*_of_keys(cfg, values), *_of_parts(values)]
    placed = [replace(each, origin=origin_of(cfg, each.path)) for each in own if each.path]
    found = check(cfg, takers=dict(_takers(values)))
    return [*map(_without_logins, (*(each for each in own if not each.path), *placed, *found))]


def _without_logins(problem: Problem) -> Problem:
    """A problem whose texts tell no login of an address."""
    path, message, origin = map(hide_secrets, (problem.path, problem.message, problem.origin))
    return replace(problem, path=path, message=message, origin=origin)


def _of_keys(cfg: Config, values: dict[str, Any]) -> Iterator[Problem]:
    """Problems of the top level; what can't be looked into is taken out of ``values``."""
    if values["model"] is None:
        message = "the config has no 'model', which a runner needs"
        yield Problem(kind="missing argument", path="", message=message)
    for key, known in misspelt(cfg.keys(), (*KEYS, *READ)):
        message = f"no key of a runner; did you mean {known!r}?"
        yield Problem(kind="unknown argument", path=key, message=message)
    for key, message in incomplete(values):
        yield Problem(kind="missing argument", path=key, message=message)
    for key in KEYS:
        value = values[key]
        fits = value is None or key in _PLAIN or isinstance(value, Mapping) or is_lazy(value)
        if not fits and not (isinstance(value, list | tuple) and key in _LISTS):
            message = f"it is of type {type(value).__name__}; a runner wants a dict"
            yield Problem(kind="wrong type", path=key, message=message)
            values[key] = None
    if isinstance(values["custom_hooks"], Mapping):
        message = "it is a dict; a runner wants a list of hooks"
        yield Problem(kind="wrong type", path="custom_hooks", message=message)
        values["custom_hooks"] = None
    for key in (f"{mode}_dataloader" for mode in _MODES):
        try:
            loaders_of(values[key])
        except TypeError as error:  # some are loaders, but not all
            yield Problem(kind="wrong type", path=key, message=str(error))
            values[key] = None


def _of_parts(values: _Values) -> Iterator[Problem]:
    """Problems of what lies below the top level."""
    for key, meant in unknown_keys(misspelt_env_keys(values["env_cfg"] or ()), ENV_KEYS):
        message = f"there is no such key; did you mean {meant}?"
        yield Problem(kind="unknown argument", path=f"env_cfg.{key}", message=message)
    for path, part, needed in _incomplete(values):
        message = f"it needs the key {needed!r}, and has {', '.join(map(repr, part)) or 'none'}"
        yield Problem(kind="unknown type", path=path, message=message)
    for path, given in _typed(values):
        if isinstance(given, str | int | float) and path.rpartition(".")[2] not in _NAMED:
            message = f"it is of type {type(given).__name__}; a runner wants a dict with a type"
            yield Problem(kind="wrong type", path=path, message=message)
    for path, hook in _hooks(values):
        priority = hook.get("priority") if isinstance(hook, Mapping) else None
        if priority is not None:  # else it's the hook's own
            yield from _refused(get_priority, priority, f"{path}.priority")
    if values["log_level"] is not None:
        yield from _refused(level_number, values["log_level"], "log_level")


def _refused(function: Callable[[Any], Any], value: Any, path: str) -> Iterator[Problem]:
    """The problem of a value that a function doesn't take."""
    try:
        function(value)
    except (KeyError, TypeError, ValueError) as error:
        yield Problem(kind="wrong value", path=path, message=str(error))


def _takers(values: _Values) -> Iterator[tuple[str, Taker]]:
    """Path of each part that needs no type, and what takes its keys if it has none."""
    by_epoch = (values.get("train_cfg") or {}).get("by_epoch")
    given = ("runner", "dataloader", "evaluator")
    if by_epoch is not None:
        loop = EpochBasedTrainLoop if by_epoch else IterBasedTrainLoop
        yield "train_cfg", Taker(target=loop, given=given, read=("by_epoch",))
    yield "val_cfg", Taker(target=ValLoop, given=given)
    yield "test_cfg", Taker(target=TestLoop, given=given)
    if "constructor" not in (values.get("optim_wrapper") or {}):
        read = READ_BY_BUILD["OPTIM_WRAPPERS"]
        yield "optim_wrapper", Taker(target=OptimWrapper, given=("optimizer",), read=read)
    yield "env_cfg.mp_cfg", Taker(target=set_multi_processing, given=("distributed",))
    yield "log_processor", Taker(target=LogProcessor)
    seeding = partial(Runner.set_randomness, None, seed=None)
    yield "randomness", Taker(target=seeding, name="randomness")
    if (values.get("auto_scale_lr") or {}).get("enable"):
        yield "auto_scale_lr", Taker(target=scaling, name="auto_scale_lr")
    for path, _ in _loaders(values):
        yield path, Taker(target=DataLoader, read=("num_batch_per_epoch",))
    for name, default in DEFAULT_HOOKS.items():
        hook = HOOKS.resolve(default["type"])
        yield f"default_hooks.{name}", Taker(target=hook, read=READ_BY_BUILD["HOOKS"])


def _loaders(values: _Values) -> Iterator[tuple[str, Any]]:
    """Path and value of each data loader, or config of one; of several sets, of each."""
    for key in (f"{mode}_dataloader" for mode in _MODES):
        given = values.get(key)
        several = loaders_of(given) if isinstance(given, Mapping) else None
        if several is None:
            yield key, given
        else:
            yield from ((f"{key}.{name}", loader) for name, loader in several.items())


def _incomplete(values: _Values) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Path, value and missing key of each part that says not what is to be built."""
    wrapper = values.get("optim_wrapper")
    if isinstance(wrapper, Mapping) and not {"optimizer", "constructor"} & {*wrapper}:
        yield "optim_wrapper", wrapper, "optimizer"
    train_cfg = values.get("train_cfg")
    if isinstance(train_cfg, Mapping) and not {"type", "by_epoch"} & {*train_cfg}:
        yield "train_cfg", train_cfg, "by_epoch"
    for path, given in _typed(values):
        if isinstance(given, Mapping) and "type" not in given:
            yield path, given, "type"


def _typed(values: _Values) -> Iterator[tuple[str, Any]]:
    """Path and value of each part that needs a type, if it is a config."""
    for key in ("model", "strategy", "visualizer", "loss"):
        yield key, values.get(key)
    for path, loader in _loaders(values):
        parts = loader if isinstance(loader, Mapping) else {}
        for part in ("dataset", "sampler", "batch_sampler", "collate_fn"):
            yield f"{path}.{part}", parts.get(part)
    for key in ("val_evaluator", "test_evaluator"):
        given = values.get(key)
        # several sets have a dict of evaluators, and an evaluator may list its metrics
        by_name = isinstance(given, Mapping) and {*map(type, given.values())} <= {ConfigDict, list}
        if not by_name and not (isinstance(given, Mapping) and "metrics" in given):
            yield from _each(key, given)
    wrapper = values.get("optim_wrapper")
    if isinstance(wrapper, Mapping) and "constructor" not in wrapper:
        yield "optim_wrapper.optimizer", wrapper.get("optimizer")
        yield from _each("param_scheduler", values.get("param_scheduler"))
    for path, hook in _hooks(values):
        named = path.removeprefix("default_hooks.")
        if named not in DEFAULT_HOOKS or not isinstance(hook, Mapping):  # which has a type
            yield path, hook
    visualizer = values.get("visualizer")
    if isinstance(visualizer, Mapping):
        yield from _each("visualizer.vis_backends", visualizer.get("vis_backends"))


def _each(path: str, given: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of each member of a list; of anything else, its own."""
    if isinstance(given, list | tuple):
        yield from ((f"{path}.{i}", each) for i, each in enumerate(given))
    else:
        yield path, given


def _hooks(values: _Values) -> Iterator[tuple[str, Any]]:
    """Path and value of each hook, or config of one."""
    default, custom = values.get("default_hooks") or {}, values.get("custom_hooks") or []
    yield from ((f"default_hooks.{name}", hook) for name, hook in default.items())
    yield from ((f"custom_hooks.{i}", hook) for i, hook in enumerate(custom))
