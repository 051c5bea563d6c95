"""Values of expressions, found by walking their syntax tree.

Knows names, operators and what the gate calls; nothing is compiled, imported, built or run. What
it does not know raises `UntrustedConfigError`, upon which a caller may choose to execute the file.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from engine_config.allowed import BUILTINS, LIBRARY, LIBRARY_VALUES, entries_of, is_builtin
from engine_config.errors import (
    ConfigAttributeError,
    ConfigError,
    ConfigKeyError,
    ConfigLimitError,
    ConfigNameError,
    ConfigSyntaxError,
    UntrustedConfigError,
    class_like,
    close_names,
)
from engine_config.gate import Gate
from engine_config.lazy import LazyObject, attribute_of
from engine_config.meter import MAPPINGS, LimitError, Meter, Refusal
from engine_config.methods import METHODS, READING, call_method
from engine_config.node import ConfigDict
from engine_config.operation import operation
from engine_config.operators import binary, compare, iterated, unary
from engine_config.source import Key, Marks, Place, Source
from engine_config.substitute import unknown_base
from engine_config.texts import formatted
from engine_config.world import Builtin, admitted, computed, excerpt, kind_of

__all__ = ["Expressions", "Scope"]

_MISSING = object()
_MAX_DOTTED = 1000
_DEEPEST = 2000  # levels of an expression; parsers of Python up to 3.11 gave up at 3000
_OUTLINE = 3  # steps that a container costs besides its entries
_MANY = 2000  # entries of a dict, beyond which putting them in takes longer than making them


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
        if found is not _MISSING:
            return found
        if node.id in BUILTINS:
            return BUILTINS[node.id]
        if is_builtin(node.id) or node.id.startswith("__"):
            raise self.untrusted(node, f"{node.id!r:.60}")
        near = close_names(node.id, [*scope.known(), *BUILTINS])
        raise self.error(node, f"unknown name {node.id!r:.60}{near}", ConfigNameError)

    def _list_(self, node: ast.List, scope: Scope) -> list[Any]:
        found = list(self._elements(node.elts, scope))
        self.meter.spend(_OUTLINE)
        if found and len(found) == len(node.elts):
            self.marks.note(found, {i: self.place(item) for i, item in enumerate(node.elts)})
        return found

    def _tuple_(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        found = tuple(self._elements(node.elts, scope))
        self.meter.spend(_OUTLINE)
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
        self.meter.spend(_OUTLINE)
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
        if len(found) > _MANY:
            self.meter.entries(len(found))
        self.marks.note(found, places)
        return found

    def _mapping(self, value: Any, owner: dict[Any, Any]) -> Any:
        """What stands behind ``**``; its lazy objects stay as they are."""
        if type(value) not in MAPPINGS:
            raise TypeError(f"{kind_of(admitted(value))!r} object is not a mapping")
        return entries_of(self.gate, value, owner)

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
        self.meter.spend(_OUTLINE)
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
        if len(found) > _MANY:
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
            args = [self._adopted(value) if type(value) is dict else value for value in args]
        return call_method(self.gate, owner, name, args=args, kwargs=kwargs)

    def _adopted(self, values: dict[Any, Any]) -> ConfigDict:
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


def _is_too_deep(node: ast.AST) -> bool:
    """Whether an expression is so deep that executing it is not what its author can have meant."""
    level = [node]
    for _ in range(_DEEPEST):
        level = [child for each in level for child in ast.iter_child_nodes(each)]
        if not level:
            return False
    return True
