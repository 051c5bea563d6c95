"""Check of a config's top level: which keys a runner knows, what is wrong with the others."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine_config import Config
from engine_runner.runner.config_keys import ENV_KEYS, check_keys, check_secrets, misspelt

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


def problems_of(cfg: Config) -> list[str]:
    """Return what a runner would refuse of a config's top level, each with its file and line."""
    return [_told(cfg, key, message) for key, message in _problems(cfg)]


def _problems(cfg: Config) -> Iterator[tuple[str, str]]:
    if cfg.get("model") is None:
        yield "", "the config has no 'model', which a runner needs"
    for key, known in misspelt(cfg.keys(), (*KEYS, *READ)):
        yield key, f"no key of a runner; did you mean {known!r}?"
    for names in _GROUPS.values():
        missing = [name for name in names if cfg.get(name) is None]
        if missing and len(missing) < len(names):
            given = next(name for name in names if name not in missing)
            yield given, f"can't do without {' and '.join(missing)}"
    for key, known_keys in (("randomness", RANDOMNESS), ("env_cfg", ENV_KEYS)):
        value = cfg.get(key)
        if isinstance(value, Mapping):
            try:
                check_keys(key, value, known_keys)
            except TypeError as error:
                yield key, str(error)


def _told(cfg: Config, key: str, message: str) -> str:
    origin = cfg.origin(key) if key else None
    where = f" ({origin})" if origin else ""
    return f"{key}{where}: {message}" if key else message
