"""Python configs: parsed once, evaluated where that is possible, executed only by leave."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

from engine_config.errors import (
    ConfigError,
    ConfigSyntaxError,
    UntrustedConfigError,
)
from engine_config.execute import execute
from engine_config.expressions import Scope
from engine_config.functions import Function
from engine_config.lazy import LazyObject, Trust
from engine_config.meter import Meter
from engine_config.source import Marks, Source, read_source
from engine_config.statements import Brought, Statements, is_read_base
from engine_config.world import Builtin, excerpt

__all__ = ["PythonFile", "base_paths", "is_pure_python", "parse", "parse_steps", "parsed"]

_RUNTIME = ("engine_config", "mmengine")
_KEPT_TREES = 512
_KEPT_LENGTH = 2_000_000  # characters; a tree is a hundred times as large as its text
_F_STRING = re.compile("[fF][rR]?['\"]")
_CHARACTER = 3  # steps that one costs: a syntax tree is large, and is walked
_FIELDS = 11  # a power of two: braces times length that cost a step, for Python 3.11's f-strings
# What Python calls a text of theirs: no file can have this name, which it looks for on an error.
_STRANGERS = "/dev/null/<untrusted config>"
_trees: dict[str, tuple[int, int, Source, ast.Module]] = {}


def parsed(
    path: Path, max_bytes: int, *, bounded: bool, pay: Callable[[Source], None]
) -> tuple[Source, ast.Module]:
    """Return the text and the syntax tree of a file, kept as long as the file is the same.

    Args:
        path: the file.
        max_bytes: how large it may be.
        bounded: nobody trusts it; its tree isn't kept.
        pay: called with the text before it is parsed.

    Raises:
        ConfigNotFoundError: there is no such file.
        ConfigSyntaxError: it is no Python.
    """
    name = str(path)
    try:
        status = path.stat()
        state = status.st_mtime_ns, status.st_size
    except OSError:
        state = (-1, -1)
    kept = _trees.get(name)
    if kept is not None and kept[:2] == state and state[1] <= max_bytes:
        pay(kept[2])
        return kept[2], kept[3]
    source = read_source(path, max_bytes)
    pay(source)
    tree = parse(source, bounded=bounded)
    if bounded:
        return source, tree
    length = len(source.text) + sum(len(each[2].text) for each in _trees.values())
    if len(_trees) >= _KEPT_TREES or length > _KEPT_LENGTH:
        _trees.clear()
    _trees[name] = (*state, source, tree)
    return source, tree


def parse(source: Source, *, bounded: bool = False) -> ast.Module:
    """Return the syntax tree of a text.

    Args:
        source: the text.
        bounded: nobody trusts it: what Python warns of isn't shown.

    Raises:
        ConfigSyntaxError: it is no Python, or is nested too deeply.
    """
    text = source.text
    if bounded:
        _silence()
    try:
        return ast.parse(text, _STRANGERS if bounded else source.path or "<config>")
    except SyntaxError as error:
        place = (error.lineno or 0, error.offset or 0)
        raise source.error(error.msg, place, ConfigSyntaxError) from error
    except (RecursionError, MemoryError) as error:
        raise source.error("this is nested too deeply", kind=ConfigSyntaxError) from error
    except ValueError as error:
        raise source.error(str(error), kind=ConfigSyntaxError) from error


def parse_steps(text: str) -> int:
    """How many steps of a `Meter` it takes to parse a text, and to walk its tree."""
    fields = text.count("{") * len(text) >> _FIELDS if _F_STRING.search(text) else 0
    return _CHARACTER * len(text) + fields


def _silence() -> None:
    """Ignore what Python warns of in a stranger's text: it shows the whole line, each time.

    Not `warnings.catch_warnings`, which changes what other threads see.
    """
    if not any(getattr(each[3], "pattern", "") == _STRANGERS for each in warnings.filters):
        warnings.filterwarnings("ignore", module=_STRANGERS)


def is_pure_python(tree: ast.Module) -> bool:
    """Whether a file is of the pure-Python style: reads bases or imports what is not Python's."""
    for node in tree.body:
        if is_read_base(node):
            return True
        if isinstance(node, ast.ImportFrom) and not node.level:
            if _is_config_import(node):
                continue
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if any(name.split(".")[0] not in sys.stdlib_module_names for name in names):
            return True
    return False


def _is_config_import(node: ast.ImportFrom) -> bool:
    """Whether an import brings what reads configs, which either style may use."""
    names = (node.module or "").split(".")
    return names[0] == "engine_config" or (
        names[:2] == ["mmengine", "config"]
        or (names == ["mmengine"] and all(alias.name == "Config" for alias in node.names))
    )


def base_paths(source: Source, tree: ast.Module, meter: Meter) -> tuple[list[str], tuple[int, int]]:
    """Return what ``_base_`` lists, and the place where it does.

    Raises:
        ConfigError: it is neither a text nor a list of texts.
    """
    for node in tree.body:
        if _lists_bases(node):
            place = (node.lineno, node.col_offset + 1)
            reader = Statements(
                source,
                Marks(),
                meter,
                read_bases=lambda _: Brought({}, {}),
                imports_for_real=True,
                trust=Trust(),
            )
            found = reader.value(node.value, Scope({}))
            listed = [found] if isinstance(found, str) else found
            if not isinstance(listed, list | tuple) or not all(isinstance(p, str) for p in listed):
                raise source.error(
                    f"_base_ is a path or a list of paths: got {excerpt(found)}", place
                )
            return list(listed), place
    return [], (0, 0)


def _lists_bases(node: ast.stmt) -> TypeGuard[ast.Assign]:
    """Whether a statement is ``_base_ = ...``, which is read before the file is."""
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "_base_" for target in node.targets
    )


class PythonFile:
    """Reads the values of one Python config.

    Args:
        source: its text.
        tree: its syntax tree.
        names: what it can refer to, such as ``_base_``.
        read_bases: called with each import below ``with read_base():``.
        pure: it is of the pure-Python style: imports are not made but kept as lazy objects.
        may_execute: execute it if it cannot be evaluated.
        trust: whether what it imports lazily may be imported.
        meter: counts the work.

    Attributes:
        marks: where the values stand.
        mutates: something that may belong to another file.
        hidden: what the file uses but hasn't among its values: imports and functions.
    """

    def __init__(
        self,
        source: Source,
        tree: ast.Module,
        names: dict[str, Any],
        *,
        read_bases: Callable[[ast.ImportFrom], Brought],
        pure: bool,
        may_execute: bool,
        trust: Trust,
        meter: Meter,
    ) -> None:
        self.marks = Marks()
        self.hidden: dict[str, Any] = {}
        self._imported: dict[str, Any] = {}
        self._source = source
        self._tree = ast.Module([node for node in tree.body if not _lists_bases(node)], [])
        self._names = names
        self._read_bases = read_bases
        self._pure = pure
        self._may_execute = may_execute
        self._trust = trust
        self._meter = meter
        self.mutates = False

    def values(self) -> dict[str, Any]:
        """Return the names that the file defines, with their values.

        Raises:
            ConfigError: the file is wrong.
            UntrustedConfigError: it cannot be evaluated and may not be executed.
        """
        try:
            names, places = self._evaluated()
        except UntrustedConfigError as error:
            if not self._may_execute:
                raise
            names, places = self._executed(error)
        kept = {
            name: value
            for name, value in names.items()
            if not name.startswith("__") and not self._is_imported(name, value)
            if not _is_code(value)
        }
        self.hidden = {
            name: value
            for name, value in names.items()
            if not name.startswith("__") and name not in kept and value is not None
        }
        self.marks.note(kept, {name: place for name, place in places.items() if name in kept})
        return kept

    def _is_imported(self, name: str, value: Any) -> bool:
        """Whether a name still stands for what an import brought."""
        return name in self._imported and self._imported[name] is value

    def _evaluated(self) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
        scope = Scope(dict(self._names))
        run = Statements(
            self._source,
            self.marks,
            self._meter,
            read_bases=self._read_bases,
            imports_for_real=not self._pure,
            trust=self._trust,
        )
        try:
            run.run_file(self._tree.body, scope)
        except UntrustedConfigError as error:
            if self._may_execute:
                run.printed.clear()  # it prints again
            raise error
        finally:
            self.mutates = run.mutates
            if run.printed:
                print("".join(run.printed), end="")  # noqa: T201 - the config wants it
        self._imported = run.imported
        names = self._without_given(scope.names)
        if run.imported and not self._pure:
            self._check_imports(names, run.places)
        if run.defines:
            self._check_functions(names, run.places)
        return names, run.places

    def _check_imports(self, names: dict[str, Any], places: dict[str, tuple[int, int]]) -> None:
        """Ask for execution where a value of Python's own modules became a value of the config."""
        for name, value in names.items():
            if not self._is_imported(name, value) and _holds(value, _is_stdlib, set()):
                raise self._not_evaluated("imported value", name, places)

    def _check_functions(self, names: dict[str, Any], places: dict[str, tuple[int, int]]) -> None:
        """Ask for execution where a function of the file became a value of the config."""
        for name, value in {**names, **(self._names if self.mutates else {})}.items():
            if not isinstance(value, Function) and _holds(value, _is_function, set()):
                raise self._not_evaluated("function", name, places)

    def _not_evaluated(
        self, what: str, name: str, places: dict[str, tuple[int, int]]
    ) -> ConfigError:
        return self._source.error(
            f"the {what} in {name!r:.60} is not evaluated, and this file may not be executed; "
            "if you trust it, load it with trust=True",
            places.get(name, (0, 0)),
            UntrustedConfigError,
        )

    def _executed(self, reason: ConfigError) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
        self.marks = Marks()
        self.mutates = True  # nobody knows
        before, self._trust.given = self._trust.given, True  # what it reads is there, as to Python
        try:
            done = execute(
                self._source,
                self._tree,
                self._names,
                read_bases=self._read_bases,
                lazily=self._pure,
                trust=self._trust,
            )
        finally:
            self._trust.given = before
        self._imported = done.imported
        done.mark_literals(self.marks)
        return self._without_given(done.names), done.places

    def _without_given(self, names: dict[str, Any]) -> dict[str, Any]:
        given = self._names
        return {k: v for k, v in names.items() if k not in given or given[k] is not v}


def _holds(value: Any, test: Callable[[Any], bool], seen: set[int]) -> bool:
    """Whether something that passes ``test`` is somewhere in ``value``."""
    if test(value):
        return True
    if not isinstance(value, dict | list | tuple | set | frozenset) or id(value) in seen:
        return False
    seen.add(id(value))
    inner = [*dict.keys(value), *dict.values(value)] if isinstance(value, dict) else value
    return any(_holds(item, test, seen) for item in inner)


def _is_stdlib(value: Any) -> bool:
    """Whether a value is a lazy object of Python's own modules."""
    return isinstance(value, LazyObject) and value.dotted.split(".")[0] in sys.stdlib_module_names


def _is_function(value: Any) -> bool:
    return isinstance(value, Function)


def _is_code(value: Any) -> bool:
    """Whether a value is a function or module that a file defines for its own use."""
    kind = type(value.real if isinstance(value, Builtin) else value)
    return isinstance(value, Function) or kind.__name__ in (
        "function",
        "module",
        "builtin_function_or_method",
    )
