"""Check of a config's top level: which keys a runner knows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from engine_config import Config
from engine_runner.runner.config_keys import check_secrets, misspelt

__all__ = ["KEYS", "READ", "arguments_of", "config_of"]

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
