"""What a source file uses of MMEngine: its imports, and the attributes of the modules imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine_runner.cli.migrate.names import AREAS, KEPT, MODULES, native_home

__all__ = [
    "ROOT",
    "Binding",
    "Use",
    "bindings_of",
    "chains_of",
    "imported_names",
    "is_ours",
    "resolve",
    "texts_of",
]

ROOT: Final = "mmengine"
_DOTTED: Final = re.compile(rf"{ROOT}(\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, kw_only=True)
class Use:
    """One name of MMEngine's that a file uses.

    Attributes:
        line: where, from 1.
        written: its dotted name, as MMEngine has it.
        home: our (module, name), if a package of ours has it.
        is_kept: whether engine-compat alone has it.
        is_set: whether the file sets it, in the module that it is an attribute of.
        end: (line, column in bytes) behind the name, where it is an attribute.
        start: the same, before what it is an attribute of.
    """

    line: int
    written: str
    home: tuple[str, str] | None = None
    is_kept: bool = False
    is_set: bool = False
    start: tuple[int, int] = (0, 0)
    end: tuple[int, int] = (0, 0)

    @property
    def is_served(self) -> bool:
        """Whether there is the name at all."""
        return self.home is not None or self.is_kept

    @property
    def name(self) -> str:
        """The last part of it."""
        return self.written.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A name of the file's that stands for a module of MMEngine's.

    Attributes:
        local: the name.
        path: the module's path below ``mmengine``; empty for itself.
    """

    local: str
    path: tuple[str, ...]


def is_ours(module: str | None) -> bool:
    """Whether a module is MMEngine's."""
    return module == ROOT or (module or "").startswith(f"{ROOT}.")


def resolve(path: Sequence[str], line: int) -> tuple[Use, int] | None:
    """Return what a path below ``mmengine`` names, and how many of its parts that takes.

    A name means the same at any depth, so the modules between its area and it are passed over.
    None means that the path names no more than modules.
    """
    area = path[0] if path[0] in AREAS and native_home("", path[0]) is None else ""
    for i in range(1 if area else 0, len(path)):
        home, is_kept = native_home(area, path[i]), path[i] in KEPT
        if home is not None or is_kept or not area or path[i] not in MODULES:
            written = ".".join((ROOT, *path[: i + 1]))
            is_kept = is_kept and home is None
            return Use(line=line, written=written, home=home, is_kept=is_kept), i + 1
    return None


def bindings_of(tree: ast.AST) -> dict[str, Binding]:
    """The names that imports bind to modules of MMEngine's."""
    found = {}
    for node in ast.walk(tree):
        for binding in _bound(node):
            found[binding.local] = binding
    return found


def _bound(node: ast.AST) -> Iterator[Binding]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if is_ours(alias.name):
                path = tuple(alias.name.split(".")[1:]) if alias.asname else ()
                yield Binding(local=alias.asname or ROOT, path=path)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and is_ours(node.module):
        above = tuple((node.module or "").split(".")[1:])
        for alias in node.names:
            if _is_module(above, alias.name):
                yield Binding(local=alias.asname or alias.name, path=(*above, alias.name))


def _is_module(above: tuple[str, ...], name: str) -> bool:
    """Whether a name that is imported from a module of MMEngine's is a module itself."""
    return name != "*" and resolve((*above, name), 0) is None


def chains_of(tree: ast.AST, bindings: dict[str, Binding]) -> dict[str, list[Use | None]]:
    """By binding, what is used of it; None is the module itself, as a value."""
    found: dict[str, list[Use | None]] = {local: [] for local in bindings}
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):  # from outside inwards
        if isinstance(node, ast.Attribute | ast.Name) and node not in inner:
            nodes = _chain(node)
            base = nodes[0]
            if isinstance(base, ast.Name) and base.id in bindings:
                inner.update(nodes)
                if isinstance(base.ctx, ast.Load):
                    found[base.id].append(_used(nodes, bindings[base.id]))
    return found


def _chain(node: ast.expr) -> list[ast.expr]:
    """``a``, ``a.b`` and ``a.b.c`` of the last of these."""
    nodes = [node]
    while isinstance(nodes[0], ast.Attribute):
        nodes.insert(0, nodes[0].value)
    return nodes


def _used(nodes: list[ast.expr], binding: Binding) -> Use | None:
    names = [node.attr for node in nodes[1:] if isinstance(node, ast.Attribute)]
    path = (*binding.path, *names)
    found = resolve(path, nodes[0].lineno) if path else None
    if found is None or found[1] <= len(binding.path):
        return None
    use, taken = found
    last = nodes[taken - len(binding.path)]
    start = (nodes[0].lineno, nodes[0].col_offset)
    end = (last.end_lineno or 0, last.end_col_offset or 0)
    is_set = isinstance(last, ast.Attribute) and not isinstance(last.ctx, ast.Load)
    return replace(use, start=start, end=end, is_set=is_set)


def imported_names(node: ast.ImportFrom) -> list[Use]:
    """What ``from mmengine... import ...`` imports, but for modules."""
    above = tuple((node.module or "").split(".")[1:])
    names = [alias.name for alias in node.names if not _is_module(above, alias.name)]
    found = [resolve((*above, name), node.lineno) for name in names]
    return [each[0] for each in found if each is not None]


def texts_of(tree: ast.AST) -> Iterator[Use]:
    """What texts name by its full path.

    Where one is a config's ``type`` it is known what it is for, and it has a ``start`` and an
    ``end``; anywhere else, as in ``patch("mmengine.dist.get_rank")``, it hasn't.
    """
    types = {id(value) for node in ast.walk(tree) for value in _types(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        parts = node.value.split(".")[1:] if _DOTTED.fullmatch(node.value) else []
        found = resolve(parts, node.lineno) if len(parts) > 1 and parts[0] in AREAS else None
        if found is None or found[1] < len(parts) or not found[0].is_served:
            continue
        use = found[0]
        if id(node) in types:
            start = (node.lineno, node.col_offset)
            use = replace(use, start=start, end=(node.end_lineno or 0, node.end_col_offset or 0))
        yield use


def _types(node: ast.AST) -> Iterator[ast.expr]:
    """The values of ``type`` in a dict."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "type")
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "type":
                yield value
