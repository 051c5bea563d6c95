"""Print each name that a library's files import from `mmengine`, and that isn't there."""

from __future__ import annotations

import ast
import sys
import warnings
from importlib import import_module
from pathlib import Path

# A mistake of mmrazor's, in a tool: these names are in packages of mmengine.
NOWHERE = {("mmengine", name) for name in ("Hook", "Runner", "Visualizer")}


def imported(folder: Path) -> set[tuple[str, str]]:
    """The pairs of module and name in ``from mmengine... import name`` below ``folder``."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.ImportFrom) and f"{module}.".startswith("mmengine."):
                found |= {(module, alias.name) for alias in node.names}
    return found - NOWHERE


def is_there(module: str, name: str) -> bool:
    """Whether ``from module import name`` works."""
    try:
        if not hasattr(import_module(module), name):
            import_module(f"{module}.{name}")
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    names = sorted(imported(Path(sys.argv[1])))
    print(f"{len(names)} names")
    for each in names:
        if each[1] != "*" and not is_there(*each):
            print("missing:", *each)
