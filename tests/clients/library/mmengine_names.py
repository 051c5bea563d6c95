"""Print each name that a library's files take from `mmengine`, and that isn't there.

Names are imported (``from mmengine.x import Name``), taken from one that was (``Name.method``), or
read by a class from its base (``self._method`` of a class that inherits from ``Name``).
"""

from __future__ import annotations

import ast
import sys
import warnings
from importlib import import_module
from pathlib import Path

# A mistake of mmrazor's, in a tool: these names are in packages of mmengine.
NOWHERE = {("mmengine", name) for name in ("Hook", "Runner", "Visualizer")}
REFERENCE = Path(__file__).parents[2] / "reference"

Name = tuple[str, str]


def imported(tree: ast.Module) -> dict[str, Name]:
    """What a file calls the names that it imports from mmengine: module and name of each."""
    found = {}
    for node in ast.walk(tree):
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if isinstance(node, ast.ImportFrom) and f"{module}.".startswith("mmengine."):
            found |= {each.asname or each.name: (module, each.name) for each in node.names}
    return {called: name for called, name in found.items() if name not in NOWHERE}


def taken(tree: ast.Module, names: dict[str, Name]) -> set[tuple[str, str, str]]:
    """The attributes that a file takes from names of mmengine."""
    return {
        (*names[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in names and isinstance(node.ctx, ast.Load)
    }


def inherited(tree: ast.Module, names: dict[str, Name]) -> set[tuple[str, str]]:
    """(base class, attribute) of what classes read from themselves and don't define."""
    found = set()
    for each in ast.walk(tree):
        if not isinstance(each, ast.ClassDef):
            continue
        bases = [base.id for base in each.bases if isinstance(base, ast.Name) and base.id in names]
        own = {part.name for part in ast.walk(each) if isinstance(part, ast.FunctionDef)}
        of_self = [
            part
            for part in ast.walk(each)
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
            if part.value.id == "self"
        ]
        own |= {part.attr for part in of_self if isinstance(part.ctx, ast.Store)}
        read = {part.attr for part in of_self if isinstance(part.ctx, ast.Load)} - own
        found |= {(names[base][1], attribute) for base in bases for attribute in read}
    return found


def left_out() -> set[tuple[str, ...]]:
    """(class, attribute) of MMEngine's that aren't here, by the list."""
    text = (REFERENCE / "mmengine_attributes_left_out.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if "." in line and not line.startswith("#")]
    return {tuple(line.split(".")) for line in lines}


def is_there(module: str, name: str, attribute: str = "") -> bool:
    """Whether ``from module import name`` works, and ``name.attribute``."""
    try:
        if not hasattr(import_module(module), name):
            import_module(f"{module}.{name}")
    except ImportError:
        return False
    return not attribute or hasattr(getattr(import_module(module), name), attribute)


def main(folder: Path) -> None:
    """Read every file below a folder."""
    asked: set[tuple[str, ...]] = set()
    read: set[tuple[str, str]] = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = imported(tree)
        asked |= {*names.values(), *taken(tree, names)}
        read |= inherited(tree, names)
    print(f"{len(asked)} names")
    for each in sorted(asked):
        if each[1] != "*" and not is_there(*each):
            print("missing:", *each)
    for pair in sorted(read & left_out()):
        print("missing:", *pair)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
