"""Makes element classes known to torch: as pytrees, and to ``torch.load(weights_only=True)``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch.serialization import add_safe_globals
from torch.utils import _pytree as pytree

__all__ = ["make_known"]

_PICKLING = ("__new__", "__reduce__", "__reduce_ex__", "__setstate__", "__getnewargs_ex__")


@dataclass(frozen=True, eq=False)
class _Shell:
    """What is left of an element without its data: equal where names and metainfo are."""

    names: tuple[str, ...]
    metainfo: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Shell):
            return NotImplemented
        return self.names == other.names and repr(self.metainfo) == repr(other.metainfo)

    def __hash__(self) -> int:
        return hash(self.names)


def make_known(cls: type[Any]) -> None:
    """Register ``cls``, a class of elements, with torch.

    Unpickling an element only fills in its fields, so that it may be named in an untrusted
    file; a subclass that pickles itself in its own way is left to its author to allow.
    """

    def unflatten(values: Iterable[Any], shell: _Shell) -> Any:
        element = object.__new__(cls)
        element._fill(shell.metainfo, dict(zip(shell.names, values, strict=True)))
        return element

    pytree.register_pytree_node(cls, _flatten, unflatten, flatten_with_keys_fn=_flatten_with_keys)
    if not any(name in vars(cls) for name in _PICKLING) or cls.__module__.startswith(
        "engine_structures."
    ):
        add_safe_globals([cls])


def _flatten(element: Any) -> tuple[list[Any], _Shell]:
    names = tuple(element._data_fields)
    return [getattr(element, name) for name in names], _Shell(names, element.metainfo)


def _flatten_with_keys(element: Any) -> tuple[list[tuple[Any, Any]], _Shell]:
    values, shell = _flatten(element)
    keys = [pytree.GetAttrKey(name) for name in shell.names]
    return list(zip(keys, values, strict=True)), shell
