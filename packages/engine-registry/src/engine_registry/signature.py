"""What a class or function takes as keyword arguments, as far as that can be read.

``**kwargs`` are followed where they are only handed to ``super().__init__``, and read where they
are annotated with a ``TypedDict``; in every other case they are taken to accept anything.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Unpack, get_args, get_origin

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """The keyword arguments of a callable.

    Attributes:
        parameters: by name; those that only ``kwargs.pop("x")`` betrays have no annotation.
        namespaces: the globals in which a parameter's annotation has its meaning.
        open: whether other names may be accepted too.
    """

    parameters: dict[str, inspect.Parameter] = field(default_factory=dict)
    namespaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    open: bool = False

    def required(self) -> set[str]:
        """Names that have no default."""
        empty = inspect.Parameter.empty
        return {name for name, each in self.parameters.items() if each.default is empty}


ANYTHING = Signature(open=True)


def signature_of(target: Callable[..., Any]) -> Signature:
    """Read what ``target`` takes; `ANYTHING` if that isn't to be known."""
    if not isinstance(target, type):
        return _of_function(target)
    if type(target).__call__ is not type.__call__ or _makes_itself(target):
        return ANYTHING
    return _of_constructor(target.__mro__)


def _makes_itself(cls: type) -> bool:
    """Whether a ``__new__`` of its own decides over the arguments."""
    return any("__new__" in vars(base) for base in cls.__mro__ if base is not object)


def _of_constructor(bases: tuple[type, ...]) -> Signature:
    """Signature of the first ``__init__`` among ``bases``, which is a part of an MRO."""
    for index, base in enumerate(bases):
        init = vars(base).get("__init__")
        if base is object or init is None:
            continue
        own = _of_function(init, skip_first=True)
        keywords = _keyword_catcher(init)
        if keywords is None:
            return own
        passing = _passing_on(init, keywords)
        if passing is None:
            return own
        return passing.joined(own, _of_constructor(bases[index + 1 :]))
    return Signature()


def _of_function(function: Callable[..., Any], *, skip_first: bool = False) -> Signature:
    """The named parameters of ``function``; without ``self`` for a method."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[int(skip_first) :]
    except (TypeError, ValueError):  # written in C, and silent about its arguments
        return ANYTHING
    named = {each.name: each for each in parameters if each.kind in _BY_NAME}
    caught = [each.name for each in parameters if each.kind is inspect.Parameter.VAR_KEYWORD]
    unpacked = _unpacked(function, caught[0]) if caught else {}
    named |= unpacked or {}
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    return Signature(
        parameters=named,
        namespaces=dict.fromkeys(named, namespace),
        open=unpacked is None,
    )


def _unpacked(function: Callable[..., Any], name: str) -> dict[str, inspect.Parameter] | None:
    """What ``**kwargs: Unpack[SomeTypedDict]`` takes (PEP 692); None if that isn't said."""
    try:
        hint = inspect.get_annotations(inspect.unwrap(function), eval_str=True).get(name)
    except Exception:  # a name that type checkers alone import
        return None
    if get_origin(hint) is not Unpack:
        return None
    (taken,) = get_args(hint)
    by_name = inspect.Parameter.KEYWORD_ONLY
    return {
        key: inspect.Parameter(
            key,
            by_name,
            default=None if key in taken.__optional_keys__ else inspect.Parameter.empty,
        )
        for key in taken.__annotations__
    }


def _keyword_catcher(function: Callable[..., Any]) -> str | None:
    """Name of the ``**kwargs`` parameter, if there is one."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    caught = [each.name for each in parameters if each.kind is inspect.Parameter.VAR_KEYWORD]
    return caught[0] if caught else None


@dataclass(frozen=True, kw_only=True)
class _PassingOn:
    """How an ``__init__`` hands its ``**kwargs`` to that of the next class."""

    num_positional: int
    filled: frozenset[str]  # arguments that the call itself gives
    read: frozenset[str]  # names that are taken out of kwargs on the way

    def joined(self, own: Signature, above: Signature) -> Signature:
        """All that reaches either of the two constructors."""
        passed = list(above.parameters)[self.num_positional :]
        names = [name for name in passed if name not in self.filled]
        optional = {
            name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
            for name in self.read
        }
        inherited = {name: above.parameters[name] for name in names}
        return Signature(
            parameters={**inherited, **optional, **own.parameters},
            namespaces={**above.namespaces, **own.namespaces},
            open=above.open,
        )


def _positions(tree: ast.Module) -> str:
    """Name of the ``*args`` parameter of the function in ``tree``; empty if there is none."""
    function = tree.body[0]
    found = function.args.vararg if isinstance(function, ast.FunctionDef) else None
    return "" if found is None else found.arg


def _passing_on(function: Callable[..., Any], keywords: str) -> _PassingOn | None:
    """Read the one ``super().__init__(..., **kwargs)``; None if kwargs go anywhere else too."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return None
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    handing = [call for call in calls if _is_super_init(call) and _spreads(call, keywords)]
    reading = {id(call): _name_read(call, keywords) for call in calls}
    read = frozenset(name for name in reading.values() if name is not None)
    uses = sum(isinstance(node, ast.Name) and node.id == keywords for node in ast.walk(tree))
    if len(handing) != 1 or uses != 1 + sum(name is not None for name in reading.values()):
        return None
    (call,) = handing
    given = [each for each in call.args if not isinstance(each, ast.Starred)]
    caught = [each.value for each in call.args if isinstance(each, ast.Starred)]
    if any(not isinstance(each, ast.Name) or each.id != _positions(tree) for each in caught):
        return None
    return _PassingOn(
        num_positional=len(given),  # of keywords alone, nothing is caught in *args
        filled=frozenset(each.arg for each in call.keywords if each.arg is not None),
        read=read,
    )


def _is_super_init(call: ast.Call) -> bool:
    """Whether it is ``super().__init__(...)`` or ``super(Class, self).__init__(...)``."""
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "__init__"
        and isinstance(function.value, ast.Call)
        and isinstance(function.value.func, ast.Name)
        and function.value.func.id == "super"
    )


def _spreads(call: ast.Call, keywords: str) -> bool:
    """Whether ``**kwargs`` is among the arguments."""
    return any(
        each.arg is None and isinstance(each.value, ast.Name) and each.value.id == keywords
        for each in call.keywords
    )


def _name_read(call: ast.Call, keywords: str) -> str | None:
    """``x`` if the call is ``kwargs.pop("x", ...)``, or ``get`` or ``setdefault``."""
    function = call.func
    if (
        isinstance(function, ast.Attribute)
        and function.attr in ("get", "pop", "setdefault")
        and isinstance(function.value, ast.Name)
        and function.value.id == keywords
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ):
        return call.args[0].value
    return None
