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
    "text_configs": (150, False),
    "pure_configs": (120, False),
    "data_configs": (80, False),
    "config_dict": (150, False),
    "command_line": (300, False),
    "registry": (150, True),
    "schedulers": (120, False),
    "samplers": (120, False),
    "structures": (200, False),
    "logging": (120, True),
    "optimizers": (100, False),
    "trainings": (40, True),
    "models": (60, False),
    "files": (150, False),
    "pictures": (40, False),
}
AREAS = {
    name: Area(import_module(f"areas.{name}").programs(), count, forks)
    for name, (count, forks) in _COUNTS.items()
}
