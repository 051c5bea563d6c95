"""What the judge does with a hostile configuration: loads it without trust, and reads all of it."""

from __future__ import annotations

import copy
import difflib  # noqa: F401 - so that it need not be imported by a case
import importlib.metadata
from typing import Any

import yaml  # noqa: F401
from judge import another_round

from engine_config import (  # noqa: F401
    Config,
    ConfigDict,
    ConfigError,
    data_file,
    diff,
    json_file,
    write,
)

importlib.metadata.files("pyyaml")


def load(case: dict[str, Any]) -> str:
    """Load a case, read what it gave in every way there is, and say what came of it."""
    try:
        cfg = Config.fromfile(case["file"], trust=False)
    except ConfigError as error:
        return f"{type(error).__name__}: {error!s:.300}"
    another_round()
    try:
        read(cfg._cfg_dict)
        dict(cfg)
        str(cfg)
        cfg.to_dict()
        copy.deepcopy(cfg)
        cfg.diff(copy.copy(cfg))
        assert cfg == cfg
        str(cfg.pretty_text)
        cfg.dump("out.json")
    except ConfigError as error:
        return f"loaded, then {type(error).__name__}: {error!s:.300}"
    return "loaded"


def read(value: Any) -> None:
    """Read a value as a program would."""
    if isinstance(value, ConfigDict):
        for key in value:
            read(value[key])
            value.get(key)
        list(value.items())
        list(value.values())
        dict(**{str(key): each for key, each in value.items()})
    elif isinstance(value, list | tuple):
        for each in value:
            read(each)
