"""Check of a config's top level: which keys a runner knows, what is wrong with the others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from torch.utils.data import DataLoader

from engine_config import Config, ConfigDict
from engine_registry import HOOKS
from engine_registry.check import Kind, Problem, check
from engine_runner.hooks.priority import get_priority
from engine_runner.logs import LogProcessor
from engine_runner.loops import EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop, ValLoop
from engine_runner.loops.multi_loader import loaders_of
from engine_runner.runner.config_keys import (
    ENV_KEYS,
    SCALE_LR_KEYS,
    arguments_in_config,
    check_secrets,
    misspelt,
    misspelt_env_keys,
    unknown_keys,
)
from engine_runner.runner.hook_registrar import DEFAULT_HOOKS

__all__ = ["KEYS", "RANDOMNESS", "READ", "arguments_of", "config_of", "problems_of"]

# Keys of a config that are a runner's own; any other key is the user's.
KEYS: Final = (
    *("model", "work_dir", "train_dataloader", "val_dataloader", "test_dataloader", "train_cfg"),
    *("val_cfg", "test_cfg", "auto_scale_lr", "optim_wrapper", "param_scheduler", "val_evaluator"),
    *("test_evaluator", "default_hooks", "custom_hooks", "data_preprocessor", "load_from"),
    *("resume", "launcher", "env_cfg", "log_processor", "log_level", "visualizer", "strategy"),
    *("default_scope", "randomness", "experiment_name", "loss"),
)
# Keys that a runner reads of its config, and is not given by themselves.
READ: Final = (
    *("model_wrapper_cfg", "sync_bn", "find_unused_parameters", "compile", "float8"),
    *("activation_checkpointing", "efficient_conv_bn_eval", "custom_imports", "vis_backends"),
    *("tta_model", "tta_pipeline", "tta_cfg"),
)
RANDOMNESS: Final = ("seed", "diff_rank_seed", "deterministic", "per_sample")
_GROUPS: Final = {
    "train": ("train_dataloader", "train_cfg", "optim_wrapper"),
    "val": ("val_dataloader", "val_cfg"),
    "test": ("test_dataloader", "test_cfg"),
}


def config_of(cfg: Any, arguments: Mapping[str, Any]) -> Config:
    """Return a runner's whole config, as a copy; no argument may be a secret.

    Raises:
        TypeError: it is no config.
    """
    check_secrets(arguments)
    if cfg is None:
        return Config({})
    if isinstance(cfg, Config):
        return copy.deepcopy(cfg)
    if isinstance(cfg, dict):
        return Config(cfg)
    raise TypeError(f"cfg must be a Config, a dict or None, got {cfg!r:.200}")


def arguments_of(cfg: Config | Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a config are a runner's arguments.

    Raises:
        KeyError: ``model`` or ``work_dir`` is missing.
        TypeError: a key is misspelt.
    """
    for key in ("model", "work_dir"):
        if cfg.get(key) is None:
            raise KeyError(f"the config has no {key!r}, which a runner needs")
    for key, known in misspelt(cfg.keys(), (*KEYS, *READ)):
        raise TypeError(f"the config has a key {key!r}; did you mean {known!r}?")
    return {key: cfg[key] for key in KEYS if cfg.get(key) is not None}


def problems_of(cfg: Config) -> list[Problem]:
    """Return what would fail when a training is built of a config.

    What has a ``type`` is held against the class that it names, anything else against what reads
    it: `engine_registry.check.check` tells what is imported for that.
    """
    return [*_problems(cfg), *check(cfg)]


def _problems(cfg: Config) -> Iterator[Problem]:
    def problem(kind: Kind, path: str, message: str) -> Problem:
        origin = cfg.origin(path) if path else None
        return Problem(kind=kind, path=path, message=message, origin=str(origin or ""))

    if cfg.get("model") is None:
        yield problem("missing argument", "", "the config has no 'model', which a runner needs")
    for key, known in misspelt(cfg.keys(), (*KEYS, *READ)):
        yield problem("unknown argument", key, f"no key of a runner; did you mean {known!r}?")
    for names in _GROUPS.values():
        missing = [name for name in names if cfg.get(name) is None]
        if missing and len(missing) < len(names):
            given = next(name for name in names if name not in missing)
            yield problem("missing argument", given, f"can't do without {' and '.join(missing)}")
    for path, given_keys, known_keys in _without_type(cfg):
        for key, meant in unknown_keys(given_keys, known_keys):
            message = f"there is no such key; did you mean {meant}?"
            yield problem("unknown argument", f"{path}.{key}", message)
    for path, part, needed in _incomplete(cfg):
        has = ", ".join(map(repr, part)) or "none"
        yield problem("unknown type", path, f"it needs the key {needed!r}, and has {has}")
    for path, hook in _hooks(cfg):
        try:
            get_priority(hook.get("priority", 0))
        except (KeyError, TypeError, ValueError) as error:
            yield problem("wrong value", f"{path}.priority", str(error))


def _without_type(cfg: Config) -> Iterator[tuple[str, Iterable[str], Iterable[str]]]:
    """Path, keys, and known keys of each part of a config that names no class."""
    yield "randomness", cfg.get("randomness") or (), RANDOMNESS
    scaling = cfg.get("auto_scale_lr") or {}
    yield "auto_scale_lr", scaling if scaling.get("enable") else (), SCALE_LR_KEYS
    yield "env_cfg", misspelt_env_keys(cfg.get("env_cfg") or ()), ENV_KEYS
    for path, given, function in _parts(cfg):
        known = arguments_in_config(function)
        if isinstance(given, Mapping) and "type" not in given and known is not None:
            yield path, given, [*known, *_READ_BY_BUILD.get(path.partition(".")[0], ())]


# Keys that the code which builds reads itself.
_READ_BY_BUILD: Final = {
    "train_cfg": ("by_epoch",),
    "default_hooks": ("priority",),
    **dict.fromkeys((f"{mode}_dataloader" for mode in _GROUPS), ("num_batch_per_epoch",)),
}


def _parts(cfg: Config) -> Iterator[tuple[str, Any, Callable[..., Any]]]:
    """Path, value, and what takes it if it names nothing else."""
    train_cfg = cfg.get("train_cfg")
    by_epoch = isinstance(train_cfg, Mapping) and train_cfg.get("by_epoch")
    yield "train_cfg", train_cfg, EpochBasedTrainLoop if by_epoch else IterBasedTrainLoop
    yield "val_cfg", cfg.get("val_cfg"), ValLoop
    yield "test_cfg", cfg.get("test_cfg"), TestLoop
    yield "log_processor", cfg.get("log_processor"), LogProcessor
    for path, loader in _loaders(cfg):
        yield path, loader, DataLoader.__init__
    for name, default in DEFAULT_HOOKS.items():
        hooks = cfg.get("default_hooks") or {}
        yield f"default_hooks.{name}", hooks.get(name), HOOKS.resolve(default["type"])


def _loaders(cfg: Config) -> Iterator[tuple[str, Any]]:
    """Path and value of each data loader, or config of one; of several sets, of each."""
    for key in (f"{mode}_dataloader" for mode in _GROUPS):
        given = cfg.get(key)
        several = loaders_of(given) if isinstance(given, Mapping) else None
        if several is None:
            yield key, given
        else:
            yield from ((f"{key}.{name}", loader) for name, loader in several.items())


def _incomplete(cfg: Config) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Path, value and missing key of each part that says not what is to be built."""
    for path, loader in _loaders(cfg):
        if isinstance(loader, Mapping) and "dataset" not in loader:
            yield path, loader, "dataset"
    wrapper = cfg.get("optim_wrapper")
    if isinstance(wrapper, Mapping) and not {"optimizer", "constructor"} & {*wrapper}:
        yield "optim_wrapper", wrapper, "optimizer"
    for path, given in _typed(cfg):
        if isinstance(given, Mapping) and "type" not in given:
            yield path, given, "type"


def _typed(cfg: Config) -> Iterator[tuple[str, Any]]:
    """Path and value of each part that needs a type, if it is a config."""
    for key in ("model", "strategy", "visualizer", "loss"):
        yield key, cfg.get(key)
    for path, loader in _loaders(cfg):
        for part in ("dataset", "sampler", "batch_sampler", "collate_fn"):
            yield f"{path}.{part}", loader.get(part) if isinstance(loader, Mapping) else None
    for key in ("val_evaluator", "test_evaluator"):
        given = cfg.get(key)
        # several sets have a dict of evaluators, and an evaluator may list its metrics
        by_name = isinstance(given, Mapping) and {*map(type, given.values())} <= {ConfigDict, list}
        if not by_name and not (isinstance(given, Mapping) and "metrics" in given):
            yield from _each(key, given)
    wrapper = cfg.get("optim_wrapper")
    if isinstance(wrapper, Mapping) and "constructor" not in wrapper:
        yield "optim_wrapper.optimizer", wrapper.get("optimizer")
        yield from _each("param_scheduler", cfg.get("param_scheduler"))
    for path, hook in _hooks(cfg):
        if path.removeprefix("default_hooks.") not in DEFAULT_HOOKS:
            yield path, hook
    visualizer = cfg.get("visualizer")
    if isinstance(visualizer, Mapping):
        yield from _each("visualizer.vis_backends", visualizer.get("vis_backends"))


def _each(path: str, given: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of each member of a list; of anything else, its own."""
    if isinstance(given, list | tuple):
        yield from ((f"{path}.{i}", each) for i, each in enumerate(given))
    else:
        yield path, given


def _hooks(cfg: Config) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and config of each hook that is one."""
    default, custom = cfg.get("default_hooks") or {}, cfg.get("custom_hooks") or []
    placed = [(f"default_hooks.{name}", default[name]) for name in default]
    placed += [(f"custom_hooks.{i}", hook) for i, hook in enumerate(custom)]
    yield from ((path, hook) for path, hook in placed if isinstance(hook, Mapping))
