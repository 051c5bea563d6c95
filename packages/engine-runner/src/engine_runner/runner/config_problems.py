"""Problems of a config: what would fail when a training is built of it, found without building."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from torch.utils.data import DataLoader

from engine_config import Config, ConfigDict
from engine_registry import HOOKS
from engine_registry.check import Problem, check
from engine_runner.hooks.priority import get_priority
from engine_runner.logs import LogProcessor
from engine_runner.loops import EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop, ValLoop
from engine_runner.loops.multi_loader import loaders_of
from engine_runner.runner.config_check import KEYS, RANDOMNESS, READ
from engine_runner.runner.config_keys import (
    ENV_KEYS,
    SCALE_LR_KEYS,
    arguments_in_config,
    misspelt,
    misspelt_env_keys,
    unknown_keys,
)
from engine_runner.runner.hook_registrar import DEFAULT_HOOKS
from engine_runner.runner.loop_table import incomplete

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


def problems_of(cfg: Config) -> list[Problem]:
    """Return what would fail when a training is built of a config.

    What has a ``type`` is held against the class that it names, anything else against what reads
    it: `engine_registry.check.check` tells what is imported for that.
    """
    values = {key: cfg.get(key) for key in KEYS}
    own = [*_of_keys(cfg, values), *_of_parts(values)]
    placed = [replace(each, origin=str(cfg.origin(each.path) or "")) for each in own if each.path]
    return [*(each for each in own if not each.path), *placed, *check(cfg)]


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
        is_plain = isinstance(value, str | int | float) and key not in _PLAIN
        if is_plain or (isinstance(value, list | tuple) and key not in _LISTS):
            message = f"it is of type {type(value).__name__}; a runner wants a dict"
            yield Problem(kind="wrong type", path=key, message=message)
            values[key] = None


def _of_parts(values: _Values) -> Iterator[Problem]:
    """Problems of what lies below the top level."""
    for path, given_keys, known_keys in _without_type(values):
        for key, meant in unknown_keys(given_keys, known_keys):
            message = f"there is no such key; did you mean {meant}?"
            yield Problem(kind="unknown argument", path=f"{path}.{key}", message=message)
    for path, part, needed in _incomplete(values):
        message = f"it needs the key {needed!r}, and has {', '.join(map(repr, part)) or 'none'}"
        yield Problem(kind="unknown type", path=path, message=message)
    for path, hook in _hooks(values):
        try:
            get_priority(hook.get("priority", 0))
        except (KeyError, TypeError, ValueError) as error:
            yield Problem(kind="wrong value", path=f"{path}.priority", message=str(error))


def _without_type(values: _Values) -> Iterator[tuple[str, Iterable[str], Iterable[str]]]:
    """Path, keys, and known keys of each part of a config that names no class."""
    yield "randomness", values.get("randomness") or (), RANDOMNESS
    scaling = values.get("auto_scale_lr") or {}
    yield "auto_scale_lr", scaling if scaling.get("enable") else (), SCALE_LR_KEYS
    yield "env_cfg", misspelt_env_keys(values.get("env_cfg") or ()), ENV_KEYS
    for path, given, function in _by_signature(values):
        known = arguments_in_config(function)
        if isinstance(given, Mapping) and "type" not in given and known is not None:
            yield path, given, [*known, *_READ_BY_BUILD.get(path.partition(".")[0], ())]


# Keys that the code which builds reads itself.
_READ_BY_BUILD: Final = {
    "train_cfg": ("by_epoch",),
    "default_hooks": ("priority",),
    **dict.fromkeys((f"{mode}_dataloader" for mode in _MODES), ("num_batch_per_epoch",)),
}


def _by_signature(values: _Values) -> Iterator[tuple[str, Any, Callable[..., Any]]]:
    """Path, value, and what takes it if it names nothing else."""
    train_cfg = values.get("train_cfg")
    by_epoch = isinstance(train_cfg, Mapping) and train_cfg.get("by_epoch")
    yield "train_cfg", train_cfg, EpochBasedTrainLoop if by_epoch else IterBasedTrainLoop
    yield "val_cfg", values.get("val_cfg"), ValLoop
    yield "test_cfg", values.get("test_cfg"), TestLoop
    yield "log_processor", values.get("log_processor"), LogProcessor
    for path, loader in _loaders(values):
        yield path, loader, DataLoader.__init__
    for name, default in DEFAULT_HOOKS.items():
        hooks = values.get("default_hooks") or {}
        yield f"default_hooks.{name}", hooks.get(name), HOOKS.resolve(default["type"])


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
    for path, loader in _loaders(values):
        if isinstance(loader, Mapping) and "dataset" not in loader:
            yield path, loader, "dataset"
    wrapper = values.get("optim_wrapper")
    if isinstance(wrapper, Mapping) and not {"optimizer", "constructor"} & {*wrapper}:
        yield "optim_wrapper", wrapper, "optimizer"
    train_cfg = values.get("train_cfg")
    if isinstance(train_cfg, Mapping) and _lacks_epochs(train_cfg):
        yield "train_cfg", train_cfg, "max_epochs"
    for path, given in _typed(values):
        if isinstance(given, Mapping) and "type" not in given:
            yield path, given, "type"


def _lacks_epochs(train_cfg: Mapping[str, Any]) -> bool:
    return bool(train_cfg.get("by_epoch")) and not {"type", "max_epochs"} & {*train_cfg}


def _typed(values: _Values) -> Iterator[tuple[str, Any]]:
    """Path and value of each part that needs a type, if it is a config."""
    for key in ("model", "strategy", "visualizer", "loss"):
        yield key, values.get(key)
    for path, loader in _loaders(values):
        for part in ("dataset", "sampler", "batch_sampler", "collate_fn"):
            yield f"{path}.{part}", loader.get(part) if isinstance(loader, Mapping) else None
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
        if path.removeprefix("default_hooks.") not in DEFAULT_HOOKS:
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


def _hooks(values: _Values) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and config of each hook that is one."""
    default, custom = values.get("default_hooks") or {}, values.get("custom_hooks") or []
    placed = [(f"default_hooks.{name}", default[name]) for name in default]
    placed += [(f"custom_hooks.{i}", hook) for i, hook in enumerate(custom)]
    yield from ((path, hook) for path, hook in placed if isinstance(hook, Mapping))
