"""Configs of trials: what each trains, and the best one as a small file that inherits."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine_config import Config, ConfigError
from engine_registry import VISBACKENDS

__all__ = ["group_trackers", "set_options", "write_best"]


def set_options(cfg: Config, options: Mapping[str, Any]) -> Config:
    """Return a copy of a config with other values."""
    changed = copy.deepcopy(cfg)
    changed.merge_from_dict(dict(options))
    changed.pop("sweep", None)
    return changed


def group_trackers(cfg: Config, study: str, trial: str) -> None:
    """Let trackers show the trials of a study together, where the config doesn't say otherwise."""
    for backend in (cfg.get("visualizer") or {}).get("vis_backends") or []:
        kind = backend.get("type")
        kind = VISBACKENDS.get(kind) if isinstance(kind, str) else kind
        for what, key in getattr(kind, "group_arguments", {}).items():
            arguments, last = _place(backend, key)
            arguments.setdefault(last, {"group": study, "name": trial}[what])


def write_best(path: Path, source: Path, options: Mapping[str, Any], *, cfg: Config) -> None:
    """Write the config of the best trial: one that inherits from the sweep's, or a whole one.

    Args:
        path: the file.
        source: the config that was swept.
        options: what the trial changed, by dotted key.
        cfg: the config as it was swept, with the command line's options.
    """
    whole = set_options(cfg, options)
    whole.pop("work_dir", None)
    base = Path(os.path.relpath(source, path.parent)).as_posix()
    nested: dict[str, Any] = {"work_dir": None}  # not that of the sweep
    for key, value in options.items():
        place, last = _place(nested, key)
        place[last] = value
    small = f"_base_ = {base!r}\n" + Config(nested).pretty_text
    try:
        path.write_text(small, encoding="utf-8")
        found = Config.fromfile(path, import_custom_modules=False)
        for name in ("work_dir", "sweep"):
            found.pop(name, None)
        if found.to_dict() == whole.to_dict():
            return
    except (ConfigError, OSError, TypeError):
        pass
    whole.dump(path)


def _place(outer: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    """The dict that a dotted key leads to, made where there is none, and the key in it."""
    *parents, last = key.split(".")
    for parent in parents:
        outer = outer.setdefault(parent, {})
    return outer, last
