"""Trial configs: a training without validation, schedules, checkpoints and trackers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from engine_config import Config

__all__ = ["trial_config"]

_OFF: Final = ("checkpoint", "logger", "param_scheduler")  # default hooks that a trial is without
_ENDLESS: Final = 10**9


def trial_config(cfg: Config | Mapping[str, Any], folder: str) -> Config:
    """Return a copy of a config that trains until a hook ends it, and leaves nothing.

    Weights of ``load_from``, the training data and the user's own hooks stay.

    Args:
        cfg: the config of a training.
        folder: its work_dir, a temporary one.

    Raises:
        ValueError: the config has nothing to train with.
    """
    trial = copy.deepcopy(cfg) if isinstance(cfg, Config) else Config(dict(copy.deepcopy(cfg)))
    wanted = ("model", "train_dataloader", "train_cfg", "optim_wrapper")
    missing = [name for name in wanted if trial.get(name) is None]
    if missing:
        raise ValueError(f"a training is tried, and the config has no {' and no '.join(missing)}")
    for mode in ("val", "test"):
        for part in ("dataloader", "cfg", "evaluator"):
            trial.pop(f"{mode}_{part}", None)
    for name in ("experiment_name", "param_scheduler"):
        trial.pop(name, None)
    train_cfg = trial.train_cfg
    train_cfg.pop("dynamic_intervals", None)
    for limit in ("max_epochs", "max_iters"):
        if limit in train_cfg:
            train_cfg[limit] = _ENDLESS
    trial.default_hooks = {**(trial.get("default_hooks") or {}), **dict.fromkeys(_OFF)}
    trial.visualizer = {"type": "Visualizer", "vis_backends": []}
    trial.work_dir, trial.resume, trial.log_level = folder, False, "WARNING"
    return trial
