"""The public names of every package: sorted, documented, and stored, so that a change shows.

`python tests/rules/test_public_api.py` writes the list anew.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from typing import Any

STORED = Path(__file__).with_name("public_api.txt")


def declared(path: Path) -> list[str] | None:
    """The names in ``__all__`` of the file, or None if it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
        if named and isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def order(name: str) -> tuple[bool, bool, str]:
    """CONSTANTS, then Classes, then functions, as ruff's RUF022 sorts them."""
    return (not name.isupper(), not name[:1].isupper(), name)


def signature(value: Any) -> str:
    """The parameters and their defaults, without annotations, or nothing."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ""
    bare = [parameter.replace(annotation=parameter.empty) for parameter in parameters]
    return str(inspect.Signature(bare))


def members(kind: type) -> dict[str, Any]:
    """What a class has of its own, and of bases of its package that are not public themselves."""
    package = kind.__module__.split(".")[0]
    public = importlib.import_module(package).__all__
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        is_hidden = base.__module__.split(".")[0] == package and base.__name__ not in public
        if base is kind or is_hidden:
            found |= vars(base)
    return found


def lines(module_name: str) -> list[str]:
    """One line for each public name of a package and each public method of its classes."""
    module = importlib.import_module(module_name)
    found = []
    for name in sorted(module.__all__, key=order):
        value = getattr(module, name)
        is_called = inspect.isclass(value) or inspect.isroutine(value)
        found.append(f"{module_name}.{name}{signature(value) if is_called else ''}")
        if not inspect.isclass(value):
            continue
        for member, raw in sorted(members(value).items()):
            if not member.startswith("_"):
                plain = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
                shown = signature(plain) if inspect.isroutine(plain) else ""
                found.append(f"{module_name}.{name}.{member}{shown}")
    return found


def test_all_is_sorted(package: Any) -> None:
    for path in package.files:
        names = declared(path)
        if names is not None:
            assert names == sorted(names, key=order), path


def test_every_public_name_is_documented(package: Any) -> None:
    module = importlib.import_module(package.module)
    names = [name for name in module.__all__ if name != "__version__"]
    called = [n for n in names if inspect.isclass(v := getattr(module, n)) or inspect.isroutine(v)]
    assert not [name for name in called if not inspect.getdoc(getattr(module, name))]


def test_the_public_api_is_the_stored_one(packages: list[Any]) -> None:
    stored = STORED.read_text(encoding="utf-8").splitlines()
    assert [line for p in packages for line in lines(p.module)] == stored


if __name__ == "__main__":
    modules = sorted(Path(__file__).parents[2].glob("packages/*/src/*/__init__.py"))
    text = [line for path in modules for line in lines(path.parent.name)]
    STORED.write_text("\n".join(text) + "\n", encoding="utf-8")
