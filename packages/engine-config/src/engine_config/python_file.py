"""Python configs: parsed once, evaluated where that is possible, executed only by leave."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any, TypeGuard

from engine_config.bases import Brought
from engine_config.errors import (
    ConfigError,
    UntrustedConfigError,
)
from engine_config.evaluator_values import Builtin, excerpt
from engine_config.execute import execute
from engine_config.functions import Function
from engine_config.lazy import LazyObject
from engine_config.meter import Meter
from engine_config.scope import Scope
from engine_config.source import Marks, Source
from engine_config.statements import Statements
from engine_config.trust import Trust

__all__ = ["PythonFile", "base_paths"]


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
