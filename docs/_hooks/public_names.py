"""Public names of every package, read from the sources without importing them.

One list for the pages of the reference, for the links to them, and for the rule tests.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/engine-*/src/engine_*"))
# A package that holds commands, and no names for programs.
LEFT_OUT = {"engine_runner.cli", "engine_runner.cli.migrate", "engine_runner.cli.job"}
_IMPORT = re.compile(r"^\s*from (engine_[\w.]+) import (\([^)]*\)|[^\n#]+)", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A public module, and where each of its public names is defined."""

    name: str
    homes: dict[str, str]  # public name: module that defines it

    @property
    def distribution(self) -> str:
        """Name of the distribution that has it."""
        return self.name.partition(".")[0].replace("_", "-")

    @property
    def page(self) -> str:
        """Address of its page below docs/."""
        return f"reference/api/{self.name}.md"


def file_of(module: str) -> Path | None:
    """Return the source file of a module of ours, or None where there is none."""
    top, *rest = module.split(".")
    source = ROOT / "packages" / top.replace("_", "-") / "src" / top
    for path in (source.joinpath(*rest, "__init__.py"), source.joinpath(*rest).with_suffix(".py")):
        if path.is_file():
            return path
    return None


def declared(path: Path) -> list[str]:
    """Return what ``__all__`` of a file lists; without one, its names without underscore."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        named = any(getattr(target, "id", "") == "__all__" for target in targets)
        if named and isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            return list(ast.literal_eval(node.value))
    kinds = (ast.ClassDef, ast.FunctionDef)
    return [n.name for n in body if isinstance(n, kinds) and not n.name.startswith("_")]


def exported(path: Path) -> dict[str, str]:
    """Return the names that a package's stub (or ``__init__``) exports, and their modules."""
    stub = path.with_suffix(".pyi")
    text = (stub if stub.is_file() else path).read_text(encoding="utf-8")
    listed = set(declared(path)) if not stub.is_file() else None
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("engine_"):
            for alias in node.names:
                name = alias.asname or alias.name
                if listed is None or name in listed:
                    found[name] = node.module
    return {name: home for name, home in sorted(found.items()) if not name.startswith("_")}


@cache
def packages() -> list[Module]:
    """Return every package and subpackage that exports names."""
    found = []
    for source in SOURCES:
        for path in sorted(source.rglob("__init__.py")):
            parts = path.parent.relative_to(source.parent).parts
            name = ".".join(parts)
            homes = exported(path)
            if homes and name not in LEFT_OUT:
                found.append(Module(name, homes))
    return found


@cache
def taught() -> list[Module]:
    """Return the modules from which a page or a README imports what no package exports."""
    exports = {module.name: set(module.homes) for module in packages()}
    wanted: dict[str, set[str]] = {}
    for page in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]:
        for module, names in _IMPORT.findall(page.read_text(encoding="utf-8")):
            imported = {name.split(" as ")[0].strip() for name in names.strip("()").split(",")}
            imported = {name for name in imported if re.fullmatch(r"[A-Za-z]\w*", name)}
            wanted.setdefault(module, set()).update(imported - exports.get(module, set()))
    found = []
    for module in sorted(set(wanted) - set(exports)):
        path = file_of(module)
        if path is not None:
            found.append(Module(module, dict.fromkeys(sorted(declared(path)), module)))
    return found


@cache
def modules() -> list[Module]:
    """Return every public module, in the order of the reference."""
    return sorted([*packages(), *taught()], key=lambda module: module.name)


@cache
def addresses() -> dict[str, str]:
    """Return the full name by which the reference shows each public name that is only one thing.

    A name that a package re-exports from a sibling is shown on the sibling's page.
    """
    shown: dict[str, set[str]] = {}
    for module in modules():
        for name in module.homes:
            shown.setdefault(name, set()).add(shown_as(module, name))
    return {name: found.pop() for name, found in shown.items() if len(found) == 1}


def shown_as(module: Module, name: str) -> str:
    """Return the full name under whose page the reference shows ``module.name``."""
    known = {each.name: each for each in modules()}
    seen: set[str] = set()
    while module.name not in seen:
        seen.add(module.name)
        home = module.homes[name]
        nearer = known.get(home)
        if nearer is None or name not in nearer.homes:
            break
        module = nearer
    return f"{module.name}.{name}"
