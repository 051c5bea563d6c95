"""Values of expressions, found by walking their syntax tree.

Knows names, operators and what the gate calls; nothing is compiled, imported, built or run. What
it does not know raises `UntrustedConfigError`, upon which a caller may choose to execute the file.
"""

from __future__ import annotations

import ast
from typing import Any

from engine_config.builtin_functions import BUILTINS
from engine_config.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    close_names,
)
from engine_config.evaluator_values import Builtin, admitted, computed, excerpt, kind_of
from engine_config.lazy import LazyObject, attribute_of
from engine_config.library_functions import LIBRARY, LIBRARY_VALUES
from engine_config.literals import MANY, OUTLINE, Literals
from engine_config.meter import MAPPINGS, LimitError
from engine_config.methods import METHODS, READING, call_method
from engine_config.node import ConfigDict
from engine_config.operators import binary, compare, unary
from engine_config.scope import Scope
from engine_config.source import Key, Place
from engine_config.string_functions import formatted
from engine_config.substitute import unknown_base

__all__ = ["Expressions"]

_MAX_DOTTED = 1000


class Expressions(Literals):
    """Evaluates expressions of one file: calls, attributes, indices, operators, formatted texts."""

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        target = node.func
        if isinstance(target, ast.Attribute):
            return self._method(node, target, scope)
        function = self.value(target, scope)
        if function is BUILTINS["dict"] and not node.args:
            return self._dict_call(node, scope)
        args, kwargs = self._arguments(node, scope)
        return self.gate.call(function, args, kwargs)

    def _dict_call(self, node: ast.Call, scope: Scope) -> dict[Any, Any]:
        """``dict(a=1, **more)``, with the place of each key."""
        found: dict[Any, Any] = {}
        places: dict[Key, Place] = {}
        self.meter.spend(OUTLINE)
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
                found.update(self._mapping(value, found))
            else:
                found[name] = value
                places[name] = (keyword.lineno, keyword.col_offset + 1)
        if len(found) > MANY:
            self.meter.entries(len(found))
        self.marks.note(found, places)
        return found

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Any], dict[str, Any]]:
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
                continue
            kwargs.update(self._mapping(value, kwargs))
            if not all(type(name) is str for name in kwargs):
                raise TypeError("keywords must be strings")
        return list(self._elements(node.args, scope)), kwargs

    def _method(self, node: ast.Call, target: ast.Attribute, scope: Scope) -> Any:
        owner = self.value(target.value, scope)
        args, kwargs = self._arguments(node, scope)
        name = target.attr
        if name not in METHODS.get(type(owner), ()):
            return self.gate.call(self._attribute_of(target, owner), args, kwargs)
        self.mutates = self.mutates or name not in READING
        if type(owner) is ConfigDict and name in ("update", "merge"):
            args = [self._materialized(value) if type(value) is dict else value for value in args]
        return call_method(self.gate, owner, name, args=args, kwargs=kwargs)

    def _materialized(self, values: dict[Any, Any]) -> ConfigDict:
        """Values that are put into those of another file, which show where they came from."""
        raise NotImplementedError("a subclass knows what trust they are given")

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self._attribute_of(node, self.value(node.value, scope))

    def _attribute_of(self, node: ast.Attribute, owner: Any) -> Any:
        name = node.attr
        if type(owner) is ConfigDict and not name.startswith("__"):
            if name in owner:
                return dict.__getitem__(owner, name)
            if isinstance(node.value, ast.Name) and node.value.id == "_base_":
                raise self.error(node, unknown_base(name, name, owner), ConfigAttributeError)
            near = close_names(name, owner)
            raise self.error(node, f"unknown name {name!r:.60}{near}", ConfigAttributeError)
        if isinstance(owner, LazyObject) and not name.startswith("__"):
            found = attribute_of(owner, name)
            self.meter.made(len(found.dotted))
            if len(found.dotted) > _MAX_DOTTED:
                raise LimitError(f"a dotted name has at most {_MAX_DOTTED:,} characters")
            return LIBRARY_VALUES.get(found.dotted, LIBRARY.get(found.dotted, found))
        if type(owner) is range and name in ("start", "stop", "step"):
            return getattr(owner, name)
        if name in METHODS.get(type(owner), ()):
            raise self.untrusted(node, f"a method that is not called, {name!r},")
        if name.startswith("_") or type(owner) is Builtin or hasattr(type(owner), name):
            raise self.untrusted(node, f"the attribute {name!r:.60} of {kind_of(owner)}")
        admitted(owner)
        raise AttributeError(f"{kind_of(owner)} has no attribute {name!r:.60}")

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        index = self.value(node.slice, scope)
        kind = type(owner)
        if kind in MAPPINGS:
            self.meter.walk(index)
            self.meter.key(index, owner)
            if index in owner:
                return dict.__getitem__(owner, index)
            near = close_names(index, owner) if isinstance(index, str) else ""
            raise self.error(node, f"there is no key {excerpt(index)}{near}", ConfigKeyError)
        if kind not in METHODS:
            raise self.untrusted(node, f"an index of {kind_of(owner)}")
        if isinstance(index, slice) and kind is not range:
            length = len(range(*index.indices(len(owner))))
            self.meter.made((4 if kind in (str, bytes) else 8) * length)
        return owner[index]

    def _slice_(self, node: ast.Slice, scope: Scope) -> slice:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self.value(part, scope) for part in parts))

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        return binary(self.meter, node.op, left, right=self.value(node.right, scope))

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        return unary(self.meter, node.op, self.value(node.operand, scope))

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Any:
        is_and = isinstance(node.op, ast.And)
        found = None
        for part in node.values:
            found = self.value(part, scope)
            if bool(computed(found)) != is_and:
                break
        return found

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        found: Any = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            found = compare(self.meter, op, left, right=right)
            if not found:
                break
            left = right
        return found

    def truth(self, node: ast.expr, scope: Scope) -> bool:
        """Whether the value of an expression counts as true."""
        return bool(computed(self.value(node, scope)))

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.value(node.body if self.truth(node.test, scope) else node.orelse, scope)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> str:
        parts = [str(self.value(part, scope)) for part in node.values]
        self.meter.made(4 * sum(map(len, parts)))
        return "".join(parts)

    def _formatted(self, node: ast.FormattedValue, scope: Scope) -> str:
        value = self.value(node.value, scope)
        conversion = "" if node.conversion == -1 else chr(node.conversion)
        spec = self.value(node.format_spec, scope) if node.format_spec else ""
        return formatted(self.meter, value, conversion=conversion, spec=spec)

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        scope.names[node.target.id] = value
        return value


Expressions.handlers = {
    **Literals.handlers,
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
