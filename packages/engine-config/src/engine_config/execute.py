"""Execution of a trusted Python config that needs more than the evaluator knows."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from engine_config.bases import Brought
from engine_config.config_style import is_read_base
from engine_config.errors import ConfigError
from engine_config.evaluator_values import Builtin
from engine_config.functions import Function
from engine_config.lazy import LazyObject
from engine_config.source import Marks, Place, Source
from engine_config.trust import Trust

__all__ = ["Executed", "execute"]


class Executed:
    """What executing a file gave.

    Attributes:
        names: its global names and their values.
        places: where each was last assigned.
        imported: names that imports brought, and what they brought.
    """

    def __init__(self, tree: ast.Module, names: dict[str, Any], imports: dict[str, int]) -> None:
        self.names = names
        self.places: dict[str, Place] = {}
        self._assigned: dict[str, ast.expr] = {}
        for node in tree.body:
            for target in node.targets if isinstance(node, ast.Assign) else []:
                if isinstance(target, ast.Name) and isinstance(node, ast.Assign):
                    self.places[target.id] = (node.lineno, node.col_offset + 1)
                    self._assigned[target.id] = node.value
        self.imported = {
            name: names[name]
            for name, line in imports.items()
            if name in names and self.places.get(name, (0, 0))[0] < line
        }

    def mark_literals(self, marks: Marks) -> None:
        """Note where the entries of dicts and lists stand that are written out in the file."""
        for name, node in self._assigned.items():
            if name in self.names:
                _mark(node, self.names[name], marks)


def execute(
    source: Source,
    tree: ast.Module,
    names: dict[str, Any],
    *,
    read_bases: Callable[[ast.ImportFrom], Brought],
    lazily: bool,
    trust: Trust,
) -> Executed:
    """Run a file.

    Args:
        source: its text.
        tree: its syntax tree.
        names: global names that it finds.
        read_bases: called with each import below ``with read_base():``.
        lazily: modules that are not Python's own become lazy objects instead of being imported.
        trust: whether these may be imported.

    Raises:
        ConfigError: it raises; the message points to the line.
    """
    held: dict[str, Any] = {}
    imports: dict[str, int] = {}  # names, and the lines where they were brought
    body: list[ast.stmt] = []
    for node in tree.body:
        if is_read_base(node):
            assert isinstance(node, ast.With)
            for statement in node.body:
                if isinstance(statement, ast.ImportFrom):
                    values, used = read_bases(statement)
                    imports |= dict.fromkeys(used, node.lineno)
                    body += _assignments(statement, values | as_python(used), held)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            brought = [alias.asname or alias.name.split(".")[0] for alias in node.names]
            imports |= dict.fromkeys(brought, node.lineno)
            body += _imports(node, source, held, trust=trust) if lazily else [node]
        else:
            body.append(node)
    space = {**as_python(names), **held, "__file__": source.path, "__name__": "engine_config_file"}
    module = ast.fix_missing_locations(ast.Module(body, []))
    try:
        exec(compile(module, source.path or "<config>", "exec"), space)
    except ConfigError:
        raise
    except Exception as error:
        raise source.error(f"{type(error).__name__}: {error}", _line(error, source)) from error
    given = {*held, "__builtins__"}
    return Executed(tree, {k: v for k, v in space.items() if k not in given}, imports)


def as_python(names: dict[str, Any]) -> dict[str, Any]:
    """Return what an evaluated file uses as Python uses it: functions can be called.

    What is of Python's own modules is imported; other imports stay lazy.
    """
    real: dict[int, Any] = {}

    def converted(value: Any) -> Any:
        if isinstance(value, Builtin):
            return value.real
        if isinstance(value, LazyObject) and _root(value.dotted) in sys.stdlib_module_names:
            return value.build()
        if not isinstance(value, Function):
            return value
        if id(value) not in real:
            space: dict[str, Any] = {}
            real[id(value)] = made = value.compiled(space)
            space.update((k, converted(v)) for k, v in value.names().items())
            made.__defaults__, made.__kwdefaults__ = value.defaults()
        return real[id(value)]

    return {name: converted(value) for name, value in names.items()}


def _root(dotted: str) -> str:
    return dotted.split(".")[0]


def _assignments(node: ast.stmt, values: dict[str, Any], held: dict[str, Any]) -> list[ast.stmt]:
    """Statements that give names their values, which go by other names among the globals."""
    statements: list[ast.stmt] = []
    for name, value in values.items():
        key = f"__held_{len(held)}__"
        held[key] = value
        assign = ast.Assign([ast.Name(name, ast.Store())], ast.Name(key, ast.Load()))
        statements.append(ast.copy_location(assign, node))
    return statements


def _imports(
    node: ast.Import | ast.ImportFrom, source: Source, held: dict[str, Any], *, trust: Trust
) -> list[ast.stmt]:
    """An import as it is if it is of Python's own modules, else assignments of lazy objects."""
    where = f"{source.path}:{node.lineno}"
    values: dict[str, Any] = {}
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level or module.split(".")[0] in sys.stdlib_module_names:
            return [node]
        for alias in node.names:
            own = module in ("engine_config", "mmengine.config", "mmengine")
            if not (own and alias.name in ("read_base", "ConfigDict")):
                values[alias.asname or alias.name] = LazyObject(
                    module, alias.name, where, trust=trust
                )
            elif alias.name == "ConfigDict":
                values[alias.asname or alias.name] = dict
        return _assignments(node, values, held)
    kept = []
    for alias in node.names:
        root = alias.name.split(".")[0]
        if root in sys.stdlib_module_names:
            kept.append(alias)
        else:
            values[alias.asname or root] = LazyObject(
                alias.name if alias.asname else root, None, where, trust=trust
            )
    statements = _assignments(node, values, held)
    return [*([ast.copy_location(ast.Import(kept), node)] if kept else []), *statements]


def _line(error: Exception, source: Source) -> Place:
    """The last line of the file that an exception passed through."""
    line = 0
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == (source.path or "<config>"):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line, 1 if line else 0


def _mark(node: ast.expr, value: Any, marks: Marks) -> None:
    """Note the places of a literal's entries, as far as it is one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        parts: dict[Any, tuple[ast.expr, Place]] = {
            k.arg: (k.value, (k.lineno, k.col_offset + 1)) for k in node.keywords if k.arg
        }
    elif isinstance(node, ast.Dict):
        parts = {
            k.value: (v, (k.lineno, k.col_offset + 1))
            for k, v in zip(node.keys, node.values, strict=True)
            if isinstance(k, ast.Constant)
        }
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(value, list | tuple):
        if len(node.elts) != len(value):
            return
        marks.note(value, {i: (e.lineno, e.col_offset + 1) for i, e in enumerate(node.elts)})
        for item, inner in zip(node.elts, value, strict=True):
            _mark(item, inner, marks)
        return
    else:
        return
    if isinstance(value, dict):
        marks.note(value, {key: place for key, (_, place) in parts.items() if key in value})
        for key, (item, _) in parts.items():
            if key in value:
                _mark(item, value[key], marks)
