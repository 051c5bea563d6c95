"""Literals of a config: constants, names, lists, tuples, sets and dicts, each with its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from engine_config.builtin_functions import BUILTINS, entries_of, is_builtin
from engine_config.errors import (
    ConfigError,
    ConfigLimitError,
    ConfigNameError,
    ConfigSyntaxError,
    UntrustedConfigError,
    class_like,
    close_names,
)
from engine_config.evaluator_values import admitted, excerpt, kind_of
from engine_config.gate import Gate
from engine_config.meter import MAPPINGS, LimitError, Meter, Refusal
from engine_config.operators import iterated
from engine_config.scope import MISSING, Scope
from engine_config.source import Marks, Source
from engine_config.syntax_names import operation

__all__ = ["MANY", "OUTLINE", "Literals"]

_DEEPEST = 2000  # levels of an expression; parsers of Python up to 3.11 gave up at 3000
OUTLINE = 3  # steps that a container costs besides its entries
MANY = 2000  # entries of a dict, beyond which putting them in takes longer than making them


class Literals:
    """Evaluates literals of one file, and says what is wrong with an expression.

    Args:
        source: the file.
        marks: takes down where the entries of every container stand.
        meter: counts the work.
    """

    handlers: ClassVar[dict[type, Callable[..., Any]]] = {}

    def __init__(self, source: Source, marks: Marks, meter: Meter) -> None:
        self.source = source
        self.marks = marks
        self.meter = meter
        self.mutates = False  # something that may belong to another file
        self.defines = False  # functions, which may be among the values
        self.printed: list[str] = []
        self.gate = Gate(meter, self.printed.append)

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return the value of an expression.

        Raises:
            ConfigError: it has none; the error points to the innermost expression at fault.
            UntrustedConfigError: only executing the file could tell.
        """
        try:
            return self.handlers[type(node)](self, node, scope)
        except ConfigError:
            raise
        except Exception as error:
            raise self.failure(node, error) from error

    def failure(self, node: ast.AST, error: Exception) -> ConfigError:
        """Return what an error at ``node`` is to who reads the file."""
        if isinstance(error, LimitError):
            return self.error(node, f"{operation(node)}: {error}", ConfigLimitError)
        if isinstance(error, Refusal):
            return self.untrusted(node, str(error))
        if isinstance(error, RecursionError):
            kind = ConfigSyntaxError if _is_too_deep(node) else UntrustedConfigError
            return self.error(node, "this is nested too deeply", kind)
        if isinstance(error, MemoryError):
            return self.error(node, "there is no memory left for this", ConfigLimitError)
        is_key = isinstance(error, KeyError)
        if is_key and isinstance(node, ast.expr) and type(node) not in self.handlers:
            return self.untrusted(node, f"a {type(node).__name__} expression")
        text = excerpt(error.args[0] if error.args else "") if is_key else f"{error!s:.300}"
        return self.error(node, f"{type(error).__name__}: {text}", class_like(error))

    def error(
        self, node: ast.AST, message: str, kind: type[ConfigError] = ConfigError
    ) -> ConfigError:
        """Return an error that points to ``node``."""
        line = getattr(node, "lineno", 0)
        before = self.source.line(line).encode()[: getattr(node, "col_offset", 0)]
        return self.source.error(message, (line, len(before.decode(errors="ignore")) + 1), kind)

    def untrusted(self, node: ast.AST, what: str) -> ConfigError:
        """Return the error that asks for leave to execute the file."""
        return self.error(
            node,
            f"{what} is not evaluated, and this file may not be executed; "
            "if you trust it, load it with trust=True",
            UntrustedConfigError,
        )

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Line and column of ``node``, from 1."""
        return node.lineno, node.col_offset + 1  # type: ignore[attr-defined]  # every expression has them

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        found = scope.find(node.id)
        if found is not MISSING:
            return found
        if node.id in BUILTINS:
            return BUILTINS[node.id]
        if is_builtin(node.id) or node.id.startswith("__"):
            raise self.untrusted(node, f"{node.id!r:.60}")
        near = close_names(node.id, [*scope.known(), *BUILTINS])
        raise self.error(node, f"unknown name {node.id!r:.60}{near}", ConfigNameError)

    def _list_(self, node: ast.List, scope: Scope) -> list[Any]:
        found = list(self._elements(node.elts, scope))
        self.meter.spend(OUTLINE)
        if found and len(found) == len(node.elts):
            self.marks.note(found, {i: self.place(item) for i, item in enumerate(node.elts)})
        return found

    def _tuple_(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        found = tuple(self._elements(node.elts, scope))
        self.meter.spend(OUTLINE)
        if found and len(found) == len(node.elts):
            self.marks.note(found, {i: self.place(item) for i, item in enumerate(node.elts)})
        return found

    def _set_(self, node: ast.Set, scope: Scope) -> set[Any]:
        found = list(self._elements(node.elts, scope))
        self.meter.keys(found)
        return set(found)

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> Iterator[Any]:
        for item in nodes:
            if type(item) is ast.Constant:  # most are: they need no call
                yield item.value
            elif isinstance(item, ast.Starred):
                yield from self.meter.each(iterated(self.value(item.value, scope)))
            else:
                yield self.value(item, scope)

    def _dict_(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        places = {}
        self.meter.spend(OUTLINE)
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.value(value_node, scope)
            if key_node is None:
                found.update(self._mapping(value, found))
                continue
            key = self.value(key_node, scope)
            if type(key) is not str:
                self.meter.walk(key)
                self.meter.hashed(key)
            found[key] = value
            places[key] = self.place(key_node)
        if len(found) > MANY:
            self.meter.entries(len(found))
        self.marks.note(found, places)
        return found

    def _mapping(self, value: Any, owner: dict[Any, Any]) -> Any:
        """What stands behind ``**``; its lazy objects stay as they are."""
        if type(value) not in MAPPINGS:
            raise TypeError(f"{kind_of(admitted(value))!r} object is not a mapping")
        return entries_of(self.gate, value, owner)


Literals.handlers = {
    ast.Constant: Literals._constant,
    ast.Name: Literals._name,
    ast.List: Literals._list_,
    ast.Tuple: Literals._tuple_,
    ast.Set: Literals._set_,
    ast.Dict: Literals._dict_,
}


def _is_too_deep(node: ast.AST) -> bool:
    """Whether an expression is so deep that executing it is not what its author can have meant."""
    level = [node]
    for _ in range(_DEEPEST):
        level = [child for each in level for child in ast.iter_child_nodes(each)]
        if not level:
            return False
    return True
