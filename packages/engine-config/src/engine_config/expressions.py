"""Values of expressions, found by walking their syntax tree.

Knows names, operators and what `allowed` allows; nothing is compiled or run. What it does not
know raises `UntrustedConfigError`, upon which a caller may choose to execute the file.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from engine_config.adopt import adopt
from engine_config.allowed import (
    BUILTINS,
    DEEP_CALLS,
    LIBRARY,
    METHODS,
    Budget,
    LimitError,
    check_method,
    check_operation,
    check_spec,
    is_builtin,
)
from engine_config.errors import ConfigError, UntrustedConfigError, close_names
from engine_config.lazy import LazyObject
from engine_config.node import ConfigDict
from engine_config.operators import BINARY, COMPARE, CONVERSIONS, UNARY
from engine_config.source import Key, Marks, Place, Source
from engine_config.substitute import unknown_base

__all__ = ["Expressions", "Scope"]

_MISSING = object()


class Scope:
    """Names and their values; what is not found here is looked for outside."""

    __slots__ = ("names", "outer")

    def __init__(self, names: dict[str, Any], outer: Scope | None = None) -> None:
        self.names = names
        self.outer = outer

    def find(self, name: str) -> Any:
        """The value of ``name``, or a marker of this module's if there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return _MISSING

    def known(self) -> list[str]:
        """All names, of the outer scopes too."""
        return [*self.names, *(self.outer.known() if self.outer else [])]


class Expressions:
    """Evaluates expressions of one file.

    Args:
        source: the file.
        marks: takes down where the entries of every container stand.
        budget: counts the work.
    """

    handlers: ClassVar[dict[type, Callable[..., Any]]] = {}

    def __init__(self, source: Source, marks: Marks, budget: Budget) -> None:
        self.source = source
        self.marks = marks
        self.budget = budget
        self.callables: dict[int, Callable[..., Any]] = {
            id(stands_for): bind(budget) for stands_for, bind in BUILTINS.values()
        }
        self.callables.update({id(f): f for f in LIBRARY.values() if callable(f)})

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
        except LimitError as error:
            raise self.error(node, str(error), UntrustedConfigError) from error
        except RecursionError as error:
            raise self.error(node, "this is nested too deeply", UntrustedConfigError) from error
        except KeyError as error:
            if type(node) not in self.handlers:
                kind = f"a {type(node).__name__} expression"
                raise self.untrusted(node, kind) from None
            raise self.error(node, f"KeyError: {error}") from error
        except Exception as error:
            raise self.error(node, f"{type(error).__name__}: {error}") from error

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
        if found is not _MISSING:
            return found
        if node.id in BUILTINS:
            return BUILTINS[node.id][0]
        if is_builtin(node.id) or node.id.startswith("__"):
            raise self.untrusted(node, f"{node.id!r}")
        near = close_names(node.id, [*scope.known(), *BUILTINS])
        raise self.error(node, f"unknown name {node.id!r}{near}")

    def _list_(self, node: ast.List, scope: Scope) -> list[Any]:
        found = list(self._elements(node.elts, scope))
        if len(found) == len(node.elts):
            self.marks.note(found, {i: self.place(item) for i, item in enumerate(node.elts)})
        return found

    def _tuple_(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        found = tuple(self._elements(node.elts, scope))
        if found and len(found) == len(node.elts):
            self.marks.note(found, {i: self.place(item) for i, item in enumerate(node.elts)})
        return found

    def _set_(self, node: ast.Set, scope: Scope) -> set[Any]:
        found = list(self._elements(node.elts, scope))
        self.budget.walk(found)
        return set(found)

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> Iterator[Any]:
        for item in nodes:
            if isinstance(item, ast.Starred):
                yield from self.budget.each(self.value(item.value, scope))
            else:
                yield self.value(item, scope)

    def _dict_(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        places = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.value(value_node, scope)
            if key_node is None:
                found.update(value)
                continue
            key = self.value(key_node, scope)
            self.budget.walk(key)
            found[key] = value
            places[key] = self.place(key_node)
        self.marks.note(found, places)
        return found

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        self.budget.spend()
        target = node.func
        if isinstance(target, ast.Attribute):
            return self._method(node, target, scope)
        function = self.value(target, scope)
        if function is dict and not node.args:
            return self._dict_call(node, scope)
        args, kwargs = self._arguments(node, scope)
        return self.apply(node, function, args=args, kwargs=kwargs)

    def apply(
        self, node: ast.AST, function: Any, *, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Call what an expression gave, if it may be called."""
        found = self.callables.get(id(function))
        if found is None and getattr(type(function), "is_evaluated", False):
            found = function
        if found is None and isinstance(function, LazyObject) and function.dotted in LIBRARY:
            found = LIBRARY[function.dotted]
        if found is None:
            shown = str(function) if isinstance(function, LazyObject) else repr(function)
            raise self.untrusted(node, f"a call of {shown:.60}")
        if getattr(function, "__name__", "") in DEEP_CALLS:
            self.budget.walk(*args)
        return found(*args, **kwargs)

    def _dict_call(self, node: ast.Call, scope: Scope) -> dict[Any, Any]:
        """``dict(a=1, **more)``, with the place of each key."""
        found: dict[Any, Any] = {}
        places: dict[Key, Place] = {}
        for keyword in node.keywords:
            name = keyword.arg
            node_of_value = keyword.value
            value: Any
            # most values are constants: they need no call
            if type(node_of_value) is ast.Constant:
                value = node_of_value.value
            else:
                value = self.value(node_of_value, scope)
            if name is None:
                found.update(value)
            else:
                found[name] = value
                places[name] = (keyword.lineno, keyword.col_offset + 1)
        self.marks.note(found, places)
        return found

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Any], dict[str, Any]]:
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is None:
                kwargs.update(value)
            else:
                kwargs[keyword.arg] = value
        return list(self._elements(node.args, scope)), kwargs

    def _method(self, node: ast.Call, target: ast.Attribute, scope: Scope) -> Any:
        owner = self.value(target.value, scope)
        args, kwargs = self._arguments(node, scope)
        name = target.attr
        allowed = METHODS.get(type(owner))
        if allowed is None or name not in allowed:
            found = self._attribute_of(target, owner)
            return self.apply(node, found, args=args, kwargs=kwargs)
        check_method(self.budget, owner, name, args=args)
        if isinstance(owner, ConfigDict) and name in ("update", "merge") and args:
            args[0] = adopt(args[0], self.marks, self.source.path)
        if name == "sort" and "key" in kwargs:
            kwargs["key"] = self._as_function(node, kwargs["key"])
        return getattr(owner, name)(*args, **kwargs)

    def _as_function(self, node: ast.AST, function: Any) -> Callable[..., Any]:
        return lambda *args: self.apply(node, function, args=list(args), kwargs={})

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self._attribute_of(node, self.value(node.value, scope))

    def _attribute_of(self, node: ast.Attribute, owner: Any) -> Any:
        name = node.attr
        if isinstance(owner, ConfigDict) and not name.startswith("__"):
            if name in owner:
                return dict.__getitem__(owner, name)
            if isinstance(node.value, ast.Name) and node.value.id == "_base_":
                raise self.error(node, unknown_base(name, name, owner))
            raise self.error(node, f"unknown name {name!r}{close_names(name, owner)}")
        if isinstance(owner, LazyObject) and not name.startswith("__"):
            found = getattr(owner, name)
            return LIBRARY.get(found.dotted, found)
        if isinstance(owner, range) and name in ("start", "stop", "step"):
            return getattr(owner, name)
        if name in METHODS.get(type(owner), ()):
            raise self.untrusted(node, f"a method that is not called, {name!r},")
        if name.startswith("_") or hasattr(owner, name):
            raise self.untrusted(node, f"the attribute {name!r} of {type(owner).__name__}")
        raise self.error(node, f"{type(owner).__name__} has no attribute {name!r}")

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        index = self.value(node.slice, scope)
        if isinstance(owner, ConfigDict) and index in owner:
            return dict.__getitem__(owner, index)
        if isinstance(owner, dict) and index not in owner:
            near = close_names(index, owner) if isinstance(index, str) else ""
            raise self.error(node, f"there is no key {index!r}{near}")
        if isinstance(index, slice) and hasattr(owner, "__len__"):
            self.budget.length(len(owner))
        if type(owner) not in METHODS:
            raise self.untrusted(node, f"an index of {type(owner).__name__}")
        return owner[index]

    def _slice_(self, node: ast.Slice, scope: Scope) -> slice:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self.value(part, scope) for part in parts))

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.operate(node.op, self.value(node.left, scope), self.value(node.right, scope))

    def operate(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Apply a binary operator, if the result is not too large."""
        check_operation(self.budget, op, left=left, right=right)
        return BINARY[type(op)](left, right)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        return UNARY[type(node.op)](self.value(node.operand, scope))

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Any:
        is_and = isinstance(node.op, ast.And)
        found = None
        for part in node.values:
            found = self.value(part, scope)
            if bool(found) != is_and:
                break
        return found

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        found: Any = True
        self.budget.walk(left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            self.budget.walk(right)
            if isinstance(right, range) and not isinstance(left, int):
                right = list(self.budget.each(right))  # Python would look at every number
            found = COMPARE[type(op)](left, right)
            if not found:
                break
            left = right
        return found

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.value(node.body if self.value(node.test, scope) else node.orelse, scope)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> str:
        parts = [str(self.value(part, scope)) for part in node.values]
        self.budget.length(sum(map(len, parts)))
        return "".join(parts)

    def _formatted(self, node: ast.FormattedValue, scope: Scope) -> str:
        value = self.value(node.value, scope)
        self.budget.walk(value)
        if node.conversion != -1:
            value = CONVERSIONS[chr(node.conversion)](value)
        spec = self.value(node.format_spec, scope) if node.format_spec else ""
        check_spec(spec)
        return format(value, spec)

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        scope.names[node.target.id] = value
        return value


Expressions.handlers = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.List: Expressions._list_,
    ast.Tuple: Expressions._tuple_,
    ast.Set: Expressions._set_,
    ast.Dict: Expressions._dict_,
    ast.Call: Expressions._call,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.Slice: Expressions._slice_,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._compare,
    ast.IfExp: Expressions._conditional,
    ast.JoinedStr: Expressions._joined,
    ast.FormattedValue: Expressions._formatted,
    ast.NamedExpr: Expressions._named,
}
