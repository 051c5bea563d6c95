"""Config overrides: a config as the command line changes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine_config import Config

__all__ = ["read_config", "value_at", "with_work_dir"]


def read_config(config: str, options: dict[str, Any], *, trust: bool = True) -> Config:
    """Return the config in a file, changed by ``--cfg-options``.

    Modules beside it, and beside the file it inherits its ``custom_imports`` from, can be imported
    from now on, as those beside a script can, if it is trusted.

    Args:
        config: the file.
        options: values by dotted key.
        trust: execute what can't be evaluated. Else the project that may be inherited from is the
            current folder, if the file is in it.
    """
    from engine_config import Config, ConfigError
    from engine_config.custom_imports import import_modules

    folder = Path(config).absolute().parent
    here = Path.cwd()
    if trust:
        sys.path.insert(0, str(folder))
    around = [here] if folder.is_relative_to(here) else []
    try:
        cfg = Config.fromfile(config, import_custom_modules=False, trust=trust, base_folders=around)
        if trust and "custom_imports" in cfg:
            origin = cfg.origin("custom_imports")
            beside = Path(origin.file).absolute().parent if origin and origin.line else folder
            if beside != folder:
                sys.path.insert(1, str(beside))
            import_modules(cfg._cfg_dict)
    except ConfigError as error:
        if "trust=True" in str(error):
            error.add_note("on the command line that is --trust")
        raise
    cfg.merge_from_dict(options)
    return cfg


def with_work_dir(cfg: Config, config: str, work_dir: str | None) -> Config:
    """Return the config with a work_dir: the given one, its own, or ``work_dirs/CONFIG``."""
    if work_dir is not None:
        cfg.work_dir = work_dir
    elif cfg.get("work_dir") is None:
        cfg.work_dir = str(Path("work_dirs") / Path(config).stem)
    return cfg


def value_at(cfg: Config, key: str) -> Any:
    """Return the value of a dotted key, in which a number is a place in a list.

    Raises:
        KeyError: there is none; the message says how far it goes, and what there is.
    """
    found: Any = cfg._cfg_dict
    for number, part in enumerate(key.split(".")):
        index: Any = int(part) if isinstance(found, list | tuple) and part.isdigit() else part
        try:
            found = found[index]
        except (KeyError, IndexError, TypeError) as error:
            above = ".".join(key.split(".")[:number]) or "the config"
            there = ", ".join(map(str, found)) if isinstance(found, dict) else repr(found)[:200]
            raise KeyError(f"{above} has no {part!r}; there is {there}") from error
    return found
