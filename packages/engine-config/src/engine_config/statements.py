"""Statements of a config, run by walking their syntax tree."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from engine_config.bases import Brought
from engine_config.builtin_functions import BUILTINS
from engine_config.config_style import is_read_base
from engine_config.errors import ConfigError, ConfigSyntaxError
from engine_config.evaluator_values import Builtin
from engine_config.functions import Function, Functions, ReturnSignal
from engine_config.lazy import LazyObject
from engine_config.library_functions import LIBRARY, LIBRARY_VALUES
from engine_config.materialize import materialize
from engine_config.meter import MAPPINGS, Meter
from engine_config.node import ConfigDict
from engine_config.operators import in_place
from engine_config.scope import Scope
from engine_config.source import Marks, Source
from engine_config.syntax_names import steps_of
from engine_config.trust import Trust

__all__ = ["Statements"]

# What a pure-Python config imports from us stands for itself.
_RUNTIME = {"engine_config", "mmengine", "mmengine.config"}
_OWN = {"ConfigDict", "read_base"}


class _Break(Exception):
    """Ends a loop."""


class _Continue(Exception):
    """Ends a round of a loop."""


class Statements(Functions):
    """Runs the statements of one file.

    Args:
        source: the file.
        marks: takes down where values stand.
        meter: counts the work.
        read_bases: called with each import below ``with read_base():``.
        imports_for_real: imports of modules other than those known to be safe need execution.
        trust: whether what the imports bring may be imported; asked when that would happen.
    """

    def __init__(
        self,
        source: Source,
        marks: Marks,
        meter: Meter,
        *,
        read_bases: Callable[[ast.ImportFrom], Brought],
        imports_for_real: bool,
        trust: Trust,
    ) -> None:
        super().__init__(source, marks, meter)
        self.imported: dict[str, Any] = {}
        self._read_bases = read_bases
        self._imports_for_real = imports_for_real
        self._trust = trust

    def _materialized(self, values: dict[Any, Any]) -> ConfigDict:
        return materialize(
            values, self.marks, self.source.path, meter=self.meter, trust=self._trust
        )

    def run_file(self, body: list[ast.stmt], scope: Scope) -> None:
        """Run the statements of a whole file.

        Raises:
            ConfigError: one fails.
            UntrustedConfigError: one can only be executed.
        """
        for statement in body:
            try:
                self.run([statement], scope)
            except (ReturnSignal, _Break, _Continue) as error:
                message = "'return', 'break' and 'continue' stand in functions and loops"
                raise self.error(statement, message, ConfigSyntaxError) from error

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Run statements.

        Raises:
            ConfigError: one fails.
            UntrustedConfigError: one can only be executed.
        """
        for statement in body:
            handler = _HANDLERS.get(type(statement))
            if handler is None:
                kind = type(statement).__name__
                raise self.untrusted(statement, f"a statement of the kind {kind}")
            try:
                handler(self, statement, scope)
            except (ConfigError, ReturnSignal, _Break, _Continue):
                raise
            except Exception as error:
                raise self.failure(statement, error) from error

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self._guarded(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self._guarded(node.target, self.value(node.value, scope), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        self.mutates = True
        target = node.target
        right = self.value(node.value, scope)
        if isinstance(target, ast.Name):
            old = self.value(ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
            self.bind(target, in_place(self.meter, node.op, old, right=right), scope)
            return
        owner = self.value(target.value, scope)
        if isinstance(target, ast.Subscript):
            key = self.value(target.slice, scope)
            read: ast.expr = ast.Subscript(_Given(owner), _Given(key), ast.Load())
        else:
            key = target.attr
            read = ast.Attribute(_Given(owner), key, ast.Load())
        old = self.value(ast.copy_location(read, target), scope)
        new = in_place(self.meter, node.op, old, right=right)
        self.put(target, owner, key, value=new)

    def _guarded(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Bind a target, with errors that point to it."""
        try:
            self.bind(target, value, scope)
        except ConfigError:
            raise
        except Exception as error:
            raise self.failure(target, error) from error

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):  # a text alone is a comment
            self.value(node.value, scope)

    def _if_(self, node: ast.If, scope: Scope) -> None:
        self.run(node.body if self.truth(node.test, scope) else node.orelse, scope)

    def _for_(self, node: ast.For, scope: Scope) -> None:
        values = self.gate.all_of(self.value(node.iter, scope))
        for item in self.meter.each(values, steps_of(node)):
            self._guarded(node.target, item, scope)
            try:
                self.run(node.body, scope)
            except _Continue:
                continue
            except _Break:
                return
        self.run(node.orelse, scope)

    def _break_(self, node: ast.Break, scope: Scope) -> None:
        raise _Break

    def _continue_(self, node: ast.Continue, scope: Scope) -> None:
        raise _Continue

    def _pass_(self, node: ast.Pass, scope: Scope) -> None:
        return None

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in scope.names:
                del scope.names[target.id]
                continue
            owner: Any = None
            if isinstance(target, ast.Subscript):
                owner = self.value(target.value, scope)
            if not isinstance(target, ast.Subscript) or type(owner) not in (list, *MAPPINGS):
                raise self.untrusted(target, "this deletion")
            key = self.value(target.slice, scope)
            if type(owner) is list:
                self.meter.made(8 * len(owner))
            else:
                self.meter.walk(key)
                self.meter.key(key, owner)
            try:
                del owner[key]
            except Exception as error:
                raise self.failure(target, error) from error

    def _define(self, node: ast.FunctionDef, scope: Scope) -> None:
        if node.decorator_list:
            raise self.untrusted(node, "a decorated function")
        scope.names[node.name] = Function(node, self, scope, name=node.name)

    def _return_(self, node: ast.Return, scope: Scope) -> None:
        raise ReturnSignal(None if node.value is None else self.value(node.value, scope))

    def _with_(self, node: ast.With, scope: Scope) -> None:
        if not is_read_base(node):
            raise self.untrusted(node, "a with statement")
        for statement in node.body:
            if not isinstance(statement, ast.ImportFrom):
                raise self.error(
                    statement, "below read_base() stand imports: from .base import * or names"
                )
            values, names = self._read_bases(statement)
            scope.names.update(values)
            scope.names.update(names)
            self.imported.update(names)
            if any(isinstance(value, Function) for value in names.values()):
                self.defines = self.mutates = True  # as if they stood here

    def _import_(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            self._check_import(node, alias.name)
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            self._imports(
                alias.asname or whole,
                LazyObject(whole, None, self._location(node), trust=self._trust),
                scope,
            )

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = node.module or ""
        if module == "__future__":
            return
        if node.level:
            raise self.error(
                node, "a relative import is how to inherit: put it below `with read_base():`"
            )
        for alias in node.names:
            if alias.name == "*":
                raise self.untrusted(node, f"everything of {module}")
            dotted = f"{module}.{alias.name}"
            name = alias.asname or alias.name
            if module in _RUNTIME and alias.name in _OWN:
                own = BUILTINS["dict"] if alias.name == "ConfigDict" else None
                self._imports(name, own, scope)
                self.imported[name] = own
                continue
            self._check_import(node, dotted)
            lazy = LazyObject(module, alias.name, self._location(node), trust=self._trust)
            self._imports(name, LIBRARY_VALUES.get(dotted, LIBRARY.get(dotted, lazy)), scope)

    def _check_import(self, node: ast.stmt, dotted: str) -> None:
        if self._imports_for_real and dotted.split(".")[0] not in sys.stdlib_module_names:
            raise self.untrusted(node, f"an import of {dotted}")

    def _imports(self, name: str, value: Any, scope: Scope) -> None:
        scope.names[name] = value
        if isinstance(value, LazyObject | Builtin):
            self.imported[name] = value

    def _location(self, node: ast.stmt) -> str:
        return f"{self.source.path}:{node.lineno}"


class _Given(ast.expr):
    """An expression that has been evaluated."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.given = value


def _given(run: Statements, node: _Given, scope: Scope) -> Any:
    return node.given


Statements.handlers = {**Functions.handlers, _Given: _given}


_HANDLERS: dict[type, Callable[..., None]] = {
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Expr: Statements._expression,
    ast.If: Statements._if_,
    ast.For: Statements._for_,
    ast.Break: Statements._break_,
    ast.Continue: Statements._continue_,
    ast.Pass: Statements._pass_,
    ast.Delete: Statements._delete,
    ast.FunctionDef: Statements._define,
    ast.Return: Statements._return_,
    ast.With: Statements._with_,
    ast.Import: Statements._import_,
    ast.ImportFrom: Statements._import_from,
}
