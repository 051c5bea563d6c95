"""Containers of the standard library: how a checkpoint's reader makes, its writer writes each."""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine_checkpoint.kinds import ATOMS, LEFT_OUT, Keep, refuse
from engine_checkpoint.pickle_nodes import Made
from engine_logging import plain_data

__all__ = [
    "FACTORIES",
    "builtin_names",
    "make_container",
    "make_defaultdict",
    "make_deque",
    "make_ordered_dict",
    "write_defaultdict",
    "write_dict",
    "write_items",
    "write_ordered",
]

_MOST_SHOWN: Final = 60


def builtin_names(*names: str) -> tuple[str, ...]:
    """Return what pickles call classes of Python's own."""
    return tuple(f"builtins.{name}" for name in names)


def make_container(made: Made, kind: Callable[..., Any]) -> Any:
    """Make a container from one: nothing else is as large as its bytes in the file."""
    if len(made.args) > 1 or not all(isinstance(each, _CONTAINERS) for each in made.args):
        refuse(f"a {made.name} of a {type(made.args[0]).__name__}")
    return _filled(made, kind(*made.args))


_CONTAINERS: Final = (list, tuple, set, frozenset, dict)


def _filled(made: Made, value: Any) -> Any:
    """Put in what was appended or set."""
    if made.items:
        value.extend(made.items)
    for key, each in made.pairs:
        value[key] = each
    return value


def make_ordered_dict(made: Made) -> Any:
    """Make an ordered dict, with what torch keeps beside it."""
    found = make_container(made, collections.OrderedDict)
    if isinstance(made.state, Mapping) and "_metadata" in made.state:
        found._metadata = made.state["_metadata"]  # where torch keeps it
    return found


def write_ordered(value: Any, keep: Keep) -> Any:
    """Return an ordered dict of what is kept of one, with what torch keeps beside it."""
    found: Any = collections.OrderedDict(write_dict(value, keep))
    if hasattr(value, "_metadata"):
        found._metadata = keep(value._metadata, "._metadata")  # where torch keeps it
    return found


def _shown(key: Any) -> str:
    """A key, for a message; not of what would take long to show."""
    if type(key) is str:
        return repr(key[:_MOST_SHOWN])
    return repr(key) if type(key) in (int, bool, float) else f"a {type(key).__name__}"


def write_dict(value: Any, keep: Keep) -> dict[Any, Any]:
    """Return a dict of what is kept of keys and values."""
    found = {}
    for key, each in dict.items(value) if isinstance(value, dict) else value.items():
        name = key if type(key) in ATOMS else keep(key, f": its key, a {type(key).__name__}")
        written = keep(each, f"[{_shown(key)}]")
        if written is not LEFT_OUT:
            found[name] = written
    return found


def write_items(keep: Keep, values: Any) -> list[Any]:
    """Return what is kept of values, in a list."""
    return [keep(each, f"[{place}]") for place, each in enumerate(values)]


# What a defaultdict may call for what it lacks, by the names of pickles.
FACTORIES: Final[Mapping[str, type[Any]]] = {
    f"{each.__module__}.{each.__name__}": each for each in plain_data.FACTORIES
}


def write_defaultdict(value: Any, keep: Keep) -> Any:
    """Return a defaultdict of what is kept of one; its factory is a plain class."""
    factory = value.default_factory
    if factory is not None and factory not in FACTORIES.values():
        keep(factory, ": its default_factory")
    return collections.defaultdict(factory, write_dict(value, keep))


def make_defaultdict(made: Made) -> Any:
    """Make a defaultdict, if its factory is a plain class."""
    factory = made.args[0] if made.args else None
    if factory is not None and factory not in FACTORIES.values():
        refuse(f"a defaultdict of {factory!r:.60}")
    made.args = made.args[1:]
    return make_container(made, lambda *given: collections.defaultdict(factory, *given))


def make_deque(made: Made) -> Any:
    """Make a deque, with its greatest length."""
    most = made.args[1] if len(made.args) > 1 else None
    made.args = made.args[:1]
    return collections.deque(make_container(made, list), most)
