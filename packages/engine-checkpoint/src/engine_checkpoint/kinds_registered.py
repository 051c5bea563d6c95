"""Registered kinds: what installed packages say of their classes in a checkpoint, by entry point.

A package says in its pyproject.toml ::

    [project.entry-points."engine.checkpoint.kinds"]
    mine = "my_package.checkpoint_kinds:KINDS"

and ``KINDS`` is a sequence of dicts with the fields of a `Kind`: ``names`` by which pickles call
the class, ``read``, and for what is written, too, ``types`` and ``write``. Nothing that a file
names is imported: what isn't registered by an installed package isn't read.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from engine_checkpoint.kinds import Kind, refuse
from engine_checkpoint.pickle_nodes import Made

__all__ = ["registered_kinds"]

logger = logging.getLogger(__name__)

_GROUP: Final = "engine.checkpoint.kinds"


@cache
def registered_kinds() -> tuple[Kind, ...]:
    """Return what installed packages register, each of them imported at the first call.

    No module calls it while it is imported: a package that registers may import this one.
    """
    found: list[Kind] = []
    for entry in sorted(entry_points(group=_GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            found += [Kind(**fields) for fields in entry.load()]
        except Exception as error:  # of one package: the checkpoints of others are read
            logger.warning("checkpoints are read without the kinds of %s: %s", entry.name, error)
    return (*found, Kind(names=("builtins.getattr",), read=_method))


def _method(made: Made) -> str:
    """Of ``getattr``, by which MMEngine's objects name methods of their classes: the name."""
    name = made.args[1] if len(made.args) == 2 else None
    return name if isinstance(name, str) else str(refuse("a method without a name"))
