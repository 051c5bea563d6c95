"""Small questions about types and sequences, and decorators."""

from __future__ import annotations

import functools
import inspect
import logging
import shutil
import textwrap
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import chain, islice, repeat
from typing import Any

from mmengine.utils.package_utils import is_installed

__all__ = [
    "apply_to",
    "check_prerequisites",
    "concat_list",
    "deprecated_api_warning",
    "deprecated_function",
    "get_object_from_string",
    "has_method",
    "import_modules_from_strings",
    "is_list_of",
    "is_method_overridden",
    "is_seq_of",
    "is_str",
    "is_tuple_of",
    "iter_cast",
    "list_cast",
    "requires_executable",
    "requires_package",
    "slice_list",
    "to_1tuple",
    "to_2tuple",
    "to_3tuple",
    "to_4tuple",
    "to_ntuple",
    "tuple_cast",
]

_MISSING = (
    'Prerequisites "{}" are required in method "{}" but not found, please install them first.'
)


def to_ntuple(n: int) -> Callable[[Any], Any]:
    """Return what repeats a value ``n`` times; an iterable stays as it is."""

    def parse(x: Any) -> Any:
        """Return a value repeated, an iterable as it is."""
        return x if isinstance(x, Iterable) else tuple(repeat(x, n))

    return parse


to_1tuple, to_2tuple = to_ntuple(1), to_ntuple(2)
to_3tuple, to_4tuple = to_ntuple(3), to_ntuple(4)


def is_str(x: object) -> bool:
    """Whether ``x`` is a text."""
    return isinstance(x, str)


def import_modules_from_strings(imports: Any, allow_failed_imports: bool = False) -> Any:
    """Import modules by their names.

    Args:
        imports: a name, or a list of them.
        allow_failed_imports: whether one that fails is a warning and gives None.

    Returns:
        The module for a name, a list for a list, None for nothing.

    Raises:
        TypeError: ``imports`` is neither.
        ImportError: one failed.
    """
    if not imports:
        return None
    names: Any = [imports] if isinstance(imports, str) else imports
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"imports must be a module's name or a list of them, got {imports!r}")
    found = [_imported(name, allow_failed_imports) for name in names]
    return found[0] if isinstance(imports, str) else found


def _imported(name: str, may_fail: bool) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        if not may_fail:
            raise ImportError(f"failed to import {name}: {error}") from error
        warnings.warn(f"{name} failed to import and is ignored: {error}", UserWarning, stacklevel=3)
        return None


def iter_cast(inputs: Iterable[Any], dst_type: type, return_type: type | None = None) -> Any:
    """Return every element converted to ``dst_type``, in a ``return_type`` or else lazily.

    Raises:
        TypeError: ``inputs`` is no iterable, or ``dst_type`` no type.
    """
    if not isinstance(inputs, Iterable):
        raise TypeError(f"inputs must be iterable, got {inputs!r}")
    if not isinstance(dst_type, type):
        raise TypeError(f"dst_type must be a type, got {dst_type!r}")
    found: Any = map(dst_type, inputs)
    return found if return_type is None else return_type(found)


def list_cast(inputs: Iterable[Any], dst_type: type) -> list[Any]:
    """Return a list of every element converted to ``dst_type``."""
    return [*iter_cast(inputs, dst_type)]


def tuple_cast(inputs: Iterable[Any], dst_type: type) -> tuple[Any, ...]:
    """Return a tuple of every element converted to ``dst_type``."""
    return (*iter_cast(inputs, dst_type),)


def is_seq_of(seq: Any, expected_type: Any, seq_type: type | None = None) -> bool:
    """Whether ``seq`` is a sequence (a ``seq_type``) with elements of ``expected_type`` only."""
    kind: Any = Sequence if seq_type is None else seq_type
    return isinstance(seq, kind) and all(isinstance(item, expected_type) for item in seq)


def is_list_of(seq: Any, expected_type: Any) -> bool:
    """Whether ``seq`` is a list with elements of ``expected_type`` only."""
    return is_seq_of(seq, expected_type, seq_type=list)


def is_tuple_of(seq: Any, expected_type: Any) -> bool:
    """Whether ``seq`` is a tuple with elements of ``expected_type`` only."""
    return is_seq_of(seq, expected_type, seq_type=tuple)


def slice_list(in_list: list[Any], lens: int | list[int]) -> list[list[Any]]:
    """Cut a list into pieces of ``lens`` elements each; one number stands for equal pieces.

    Raises:
        TypeError: ``lens`` is neither a number nor a list of them.
        ValueError: the pieces don't add up to the list.
    """
    if isinstance(lens, int):
        if lens <= 0 or len(in_list) % lens:
            raise ValueError(f"{len(in_list)} elements can't be cut into pieces of {lens}")
        lens = [lens] * (len(in_list) // lens)
    if not isinstance(lens, list):
        raise TypeError(f"lens must be an int or a list of them, got {lens!r}")
    if sum(lens) != len(in_list):
        raise ValueError(f"lens must add up to {len(in_list)}, the list's length, not {sum(lens)}")
    rest = iter(in_list)
    return [[*islice(rest, length)] for length in lens]


def concat_list(in_list: list[list[Any]]) -> list[Any]:
    """Return the elements of all lists in one."""
    return [*chain.from_iterable(in_list)]


def apply_to(data: Any, expr: Callable[[Any], Any], apply_func: Callable[[Any], Any]) -> Any:
    """Apply ``apply_func`` to whatever in nested dicts, lists and tuples ``expr`` is true of."""
    if isinstance(data, Mapping):
        made: Any = data.__class__
        return made((key, apply_to(value, expr, apply_func)) for key, value in data.items())
    if isinstance(data, tuple) and hasattr(data, "_fields"):  # a namedtuple
        return type(data)(*(apply_to(value, expr, apply_func) for value in data))
    if isinstance(data, list | tuple):
        return type(data)(apply_to(value, expr, apply_func) for value in data)
    return apply_func(data) if expr(data) else data


def check_prerequisites(
    prerequisites: str | list[str],
    checker: Callable[[str], bool],
    msg_tmpl: str = _MISSING,
) -> Callable[..., Any]:
    """Return a decorator: the function fails if ``checker`` finds a prerequisite missing.

    The decorated function raises a RuntimeError; the message names what is missing.
    """
    names = [prerequisites] if isinstance(prerequisites, str) else prerequisites

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            missing = ", ".join(name for name in names if not checker(name))
            if missing:
                raise RuntimeError(msg_tmpl.format(missing, function.__name__))
            return function(*args, **kwargs)

        return checked

    return decorate


def requires_package(prerequisites: str | list[str]) -> Callable[..., Any]:
    """Return a decorator: the function fails if a package is missing."""
    return check_prerequisites(prerequisites, checker=is_installed)


def requires_executable(prerequisites: str | list[str]) -> Callable[..., Any]:
    """Return a decorator: the function fails if a program is missing."""
    return check_prerequisites(prerequisites, checker=lambda name: shutil.which(name) is not None)


def deprecated_api_warning(
    name_dict: dict[str, str], cls_name: str | None = None
) -> Callable[..., Any]:
    """Return a decorator: arguments by an old name are passed by the new one, with a warning.

    Args:
        name_dict: the new name of each old one.
        cls_name: of the method's class, for the warning.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        name = f"{cls_name}.{function.__name__}" if cls_name else function.__name__

        @functools.wraps(function)
        def renamed(*args: Any, **kwargs: Any) -> Any:
            for old, new in name_dict.items():
                if old not in kwargs:
                    continue
                if new in kwargs:
                    # An AssertionError is what callers know.
                    raise AssertionError(f"{name} got {new!r} and its old name {old!r} at once")
                text = f'"{old}" is deprecated in `{name}`, please use "{new}" instead'
                warnings.warn(text, DeprecationWarning, stacklevel=2)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return renamed

    return decorate


def deprecated_function(since: str, removed_in: str, instructions: str) -> Callable[..., Any]:
    """Return a decorator: the first call logs that the function is deprecated; so says its doc.

    Args:
        since: the version that deprecates it.
        removed_in: the version that it will be gone in.
        instructions: what to do instead.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        name = f"{function.__module__}.{function.__name__}"
        message = (
            f"{name!r} is deprecated in version {since} and will be removed in version "
            f"{removed_in}. Please {instructions}."
        )

        @functools.wraps(function)
        def told(*args: Any, **kwargs: Any) -> Any:
            if not told.__dict__.pop("_said", False):
                logging.getLogger("mmengine").warning(message)
            told.__dict__["_said"] = True
            return function(*args, **kwargs)

        notice = f"Deprecated since {since}, to be removed in {removed_in}: {instructions}."
        body = textwrap.dedent(inspect.getdoc(function) or "")
        told.__doc__ = f".. deprecated:: {since}\n    {notice}\n\n{body}"
        return told

    return decorate


def is_method_overridden(method: str, base_class: type, derived_class: Any) -> bool:
    """Whether a class, or an object's class, has a method of its own in place of a base's."""
    if not isinstance(base_class, type):
        # An AssertionError is what callers know.
        raise AssertionError(f"base_class must be a class, got {base_class!r}")
    derived = derived_class if isinstance(derived_class, type) else type(derived_class)
    return bool(getattr(derived, method) is not getattr(base_class, method))


def has_method(obj: object, method: str) -> bool:
    """Whether ``obj`` has a callable of that name."""
    return callable(getattr(obj, method, None))


def get_object_from_string(obj_name: str) -> Any:
    """Return the object of a dotted name such as ``os.path.join``; None if there is none."""
    parts = obj_name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            found = getattr(found, part, None)
        return found
    return None
