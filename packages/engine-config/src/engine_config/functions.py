"""Comprehensions, lambdas and functions that a config defines, evaluated like the rest of it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from engine_config.evaluator_values import kind_of
from engine_config.expressions import Expressions
from engine_config.meter import MAPPINGS, Meter
from engine_config.node import ConfigDict
from engine_config.operators import iterated
from engine_config.scope import Scope
from engine_config.source import Marks, Source
from engine_config.syntax_names import steps_of

__all__ = ["Function", "Functions", "ReturnSignal"]

MAX_DEPTH = 100
_OUTLINE = 3
_FUNCTION = 20  # steps that making a function costs


class ReturnSignal(Exception):
    """Carries what a function returns out of its body."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Function:
    """A function of a config. Python cannot call it; the gate has its body evaluated."""

    __slots__ = (
        "__name__",
        "_defaults",
        "_home",
        "_keywords",
        "_named",
        "_node",
        "_scope",
        "_steps",
    )

    is_evaluated = True

    def __init__(
        self, node: ast.Lambda | ast.FunctionDef, home: Functions, scope: Scope, *, name: str
    ) -> None:
        home.meter.spend(_FUNCTION)
        home.defines = True
        self.__name__ = name
        self._node = node
        self._steps = steps_of(node)
        self._home = home
        self._scope = scope
        arguments = node.args
        self._named = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
        self._keywords = [arg.arg for arg in arguments.kwonlyargs]
        defaults = [home.value(default, scope) for default in arguments.defaults]
        self._defaults = dict(
            zip(self._named[len(self._named) - len(defaults) :], defaults, strict=True)
        )
        for arg, default in zip(self._keywords, arguments.kw_defaults, strict=True):
            if default is not None:
                self._defaults[arg] = home.value(default, scope)

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        return self

    def evaluate(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Evaluate the body with these arguments."""
        self._home.meter.spend(self._steps + len(args) + len(kwargs))
        names = self._bound(args, kwargs)
        return self._home.run_function(self._node, Scope(names, self._scope))

    def compiled(self, space: dict[str, Any]) -> FunctionType:
        """Return the function as Python's own, which looks for other names in ``space``."""
        node = copy.copy(self._node)
        node.args = copy.copy(node.args)
        node.args.defaults = [ast.Constant(None) for _ in node.args.defaults]
        node.args.kw_defaults = [each and ast.Constant(None) for each in node.args.kw_defaults]
        if isinstance(node, ast.Lambda):
            assign = ast.Assign([ast.Name("made", ast.Store())], node)
            body: list[ast.stmt] = [ast.copy_location(assign, node)]
        else:
            node.name, node.returns = "made", None
            body = [node]
        tree = ast.fix_missing_locations(ast.Module(body, []))
        exec(compile(tree, self._home.source.path or "<config>", "exec"), space)
        made: FunctionType = space.pop("made")
        made.__name__ = self.__name__
        return made

    def names(self) -> dict[str, Any]:
        """The names that the body finds outside."""
        found: dict[str, Any] = {}
        scope: Scope | None = self._scope
        while scope is not None:
            found = {**scope.names, **found}
            scope = scope.outer
        return found

    def defaults(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The values of arguments that are not given: of the positional ones, and of the others."""
        kwargs = {name: self._defaults[name] for name in self._keywords if name in self._defaults}
        return tuple(v for k, v in self._defaults.items() if k not in self._keywords), kwargs

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The local names of a call."""
        arguments = self._node.args
        names = dict(self._defaults)
        names.update(zip(self._named, args, strict=False))
        rest = dict(kwargs)
        for name in (*self._named, *self._keywords):
            if name in rest:
                names[name] = rest.pop(name)
        if arguments.vararg is not None:
            names[arguments.vararg.arg] = args[len(self._named) :]
        elif len(args) > len(self._named):
            raise TypeError(
                f"{self.__name__} takes {len(self._named)} positional arguments: got {len(args)}"
            )
        if arguments.kwarg is not None:
            names[arguments.kwarg.arg] = rest
        elif rest:
            raise TypeError(f"{self.__name__} takes no argument {next(iter(rest))!r}")
        missing = [n for n in (*self._named, *self._keywords) if n not in names]
        if missing:
            raise TypeError(f"{self.__name__} misses its argument {missing[0]!r}")
        return names


class Functions(Expressions):
    """Expressions that make functions, or run over something."""

    depth = 0

    def __init__(self, source: Source, marks: Marks, meter: Meter) -> None:
        super().__init__(source, marks, meter)
        self.places: dict[str, tuple[int, int]] = {}  # of the file's own names

    def run_function(self, node: ast.Lambda | ast.FunctionDef, scope: Scope) -> Any:
        """Return what the body of a function gives among its local names."""
        if self.depth >= MAX_DEPTH:
            raise RecursionError
        self.depth += 1
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body, scope)
            self.run(node.body, scope)
        except ReturnSignal as signal:
            return signal.value
        finally:
            self.depth -= 1
        return None

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Run statements."""
        raise NotImplementedError("a subclass knows statements")

    def _lambda_(self, node: ast.Lambda, scope: Scope) -> Function:
        return Function(node, self, scope, name="<lambda>")

    def _list_comprehension(self, node: ast.ListComp, scope: Scope) -> list[Any]:
        return [self.value(node.elt, inner) for inner in self._rounds(node, scope)]

    def _set_comprehension(self, node: ast.SetComp, scope: Scope) -> set[Any]:
        found: set[Any] = set()
        for inner in self._rounds(node, scope):
            value = self.value(node.elt, inner)
            self.meter.key(value, found)
            found.add(value)
        return found

    def _generator(self, node: ast.GeneratorExp, scope: Scope) -> Iterator[Any]:
        return iter([self.value(node.elt, inner) for inner in self._rounds(node, scope)])

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for inner in self._rounds(node, scope):
            key = self.value(node.key, inner)
            self.meter.key(key, found)
            found[key] = self.value(node.value, inner)
        return found

    def _rounds(
        self,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        scope: Scope,
    ) -> Iterator[Scope]:
        """Yield the names of every round of a comprehension."""
        self.meter.spend(_OUTLINE)
        return self._loops(node.generators, scope, steps_of(node))

    def _loops(
        self, generators: list[ast.comprehension], scope: Scope, steps: int
    ) -> Iterator[Scope]:
        """Yield the names of every round of nested loops, each of which costs ``steps``."""
        first, *rest = generators
        for item in self.meter.each(iterated(self.value(first.iter, scope)), steps):
            inner = Scope({}, scope)
            self.bind(first.target, item, inner)
            if all(self.truth(condition, inner) for condition in first.ifs):
                if rest:
                    yield from self._loops(rest, inner, steps)
                else:
                    yield inner

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give the names of an assignment's left side their values."""
        if isinstance(target, ast.Name):
            scope.names[target.id] = value
            if scope.outer is None:
                self.places[target.id] = (target.lineno, target.col_offset + 1)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, self.gate.all_of(value), scope)
        elif isinstance(target, ast.Subscript):
            owner = self.value(target.value, scope)
            self.put(target, owner, self.value(target.slice, scope), value=value)
        elif isinstance(target, ast.Attribute):
            self.put(target, self.value(target.value, scope), target.attr, value=value)
        else:
            raise self.untrusted(target, "this assignment")

    def put(self, target: ast.expr, owner: Any, key: Any, *, value: Any) -> None:
        """Store an entry of a dict or list, and where it was assigned."""
        self.mutates = True
        is_attribute = isinstance(target, ast.Attribute)
        if is_attribute and (type(owner) not in MAPPINGS or key.startswith("__")):
            raise self.untrusted(target, f"an attribute of {kind_of(owner)}")
        if type(owner) is not list and type(owner) not in MAPPINGS:
            raise self.untrusted(target, f"an assignment into {kind_of(owner)}")
        if type(owner) is list:
            if isinstance(key, slice):
                value = self.gate.all_of(value)
                self.meter.made(8 * (len(owner) + len(value)))
            owner[key] = value
        else:
            self.meter.walk(key)
            self.meter.key(key, owner)
            if type(owner) is ConfigDict:  # which makes a ConfigDict of what it stores
                self.meter.walk(value)
            if is_attribute:
                setattr(owner, key, value)
            else:
                owner[key] = value
        if isinstance(key, str | int):
            self.marks.add(owner, key, self.place(target))

    def _unpack(self, target: ast.Tuple | ast.List, values: list[Any], scope: Scope) -> None:
        nodes = target.elts
        self.meter.spend(len(nodes))
        starred = [i for i, node in enumerate(nodes) if isinstance(node, ast.Starred)]
        if starred:
            at = starred[0]
            after = len(nodes) - at - 1
            if len(values) >= len(nodes) - 1:
                many = values[at : len(values) - after]
                values = [*values[:at], many, *values[len(values) - after :]]
        if len(values) != len(nodes):
            raise ValueError(f"{len(nodes)} names for {len(values)} values")
        for node, value in zip(nodes, values, strict=True):
            self.bind(node.value if isinstance(node, ast.Starred) else node, value, scope)


_ADDED: dict[type, Callable[..., Any]] = {
    ast.Lambda: Functions._lambda_,
    ast.ListComp: Functions._list_comprehension,
    ast.SetComp: Functions._set_comprehension,
    ast.GeneratorExp: Functions._generator,
    ast.DictComp: Functions._dict_comprehension,
}
Functions.handlers = {**Expressions.handlers, **_ADDED}
