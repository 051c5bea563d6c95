"""Names that MMEngine's modules have by importing them: ``mmengine.runner.runner.Config``.

``reexported.txt`` is made by tests/reference/reexports.py, which runs MMEngine. A line without a
space before it is a module; below it stand homes, each with the names that are from there.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["names_of", "reexported"]


@cache
def _table() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    module = ""
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            module = line
            continue
        home, *names = line.split()
        for name in names:
            found.setdefault(module, {})[name] = f"{home}{name}" if home.endswith(":") else home
    return found


def names_of(module: str) -> dict[str, str]:
    """Return where the names are from that a module of MMEngine has by importing them."""
    return _table().get(module, {})


def reexported(module: str, name: str) -> Any:
    """Return what MMEngine's ``module`` has imported as ``name``.

    Raises:
        AttributeError: nothing, or what it imports it from isn't installed.
    """
    home = names_of(module).get(name)
    if home is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    source, _, attribute = home.partition(":")
    try:
        found = import_module(source)
        return getattr(found, attribute) if attribute else found
    except ImportError as error:
        raise AttributeError(f"{module}.{name} is {home}, which can't be imported") from error
