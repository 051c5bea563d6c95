"""What is compared: one file an area, each with a strategy that draws programs."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Area(NamedTuple):
    """One subject.

    Attributes:
        programs: a strategy that draws them.
        examples: how many are tried in CI.
        forks: each needs a process of its own.
    """

    programs: Any
    examples: int
    forks: bool


_COUNTS = {  # programs in CI, and whether they leave something behind
    "text_configs": (60, False),
    "pure_configs": (50, False),
    "data_configs": (30, False),
    "config_dict": (80, False),
    "command_line": (150, False),
    "registry": (60, True),
    "schedulers": (40, False),
    "samplers": (20, False),
    "structures": (100, False),
    "logging": (60, True),
    "optimizers": (40, False),
    "trainings": (3, True),
    "models": (20, False),
    "files": (60, False),
    "pictures": (15, False),
    "wrong_calls": (60, True),
}
AREAS = {
    name: Area(import_module(f"areas.{name}").programs(), count, forks)
    for name, (count, forks) in _COUNTS.items()
}
