"""What the judge does with hostile options: reads them, and puts them into a config."""

from __future__ import annotations

import argparse
import json  # noqa: F401
from typing import Any

import yaml  # noqa: F401

from engine_config import Config, ConfigError, DictAction, data_file, json_file, write  # noqa: F401


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise argparse.ArgumentError(None, message)


_Parser().parse_known_args([])  # which imports what any program's does


def parse(case: dict[str, Any]) -> str:
    """Read a case as a program does, and say what came of it."""
    parser = _Parser()
    parser.add_argument("--cfg-options", nargs="+", action=DictAction, default={})
    try:
        options = parser.parse_args(["--cfg-options", *case["texts"]]).cfg_options
    except argparse.ArgumentError as error:
        return f"ArgumentError: {error!s:.300}"
    cfg = Config({"a": {"b": 1}, "b": [{"c": 1}], "model": {"type": "x"}})
    try:
        cfg.merge_from_dict(options)
        return f"{len(str(cfg)) + len(cfg.pretty_text)} characters"
    except ConfigError as error:
        return f"{type(error).__name__}: {error!s:.300}"
