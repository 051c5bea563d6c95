"""Values of configs as Python text, for programs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "x")

scalars = st.one_of(
    st.integers(-3, 9),
    st.booleans(),
    st.none(),
    st.sampled_from(["u", "v w", "", "1", "SGD"]),
    st.sampled_from([0.5, -1.5, 1e-3]),
)
keys = st.sampled_from(NAMES)


def values(leaves: int = 6) -> st.SearchStrategy[Any]:
    """Scalars, and lists, tuples and dicts of them."""
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.dictionaries(keys, inner, max_size=3),
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=2).map(tuple),
        ),
        max_leaves=leaves,
    )


dicts = st.dictionaries(keys, values(4), min_size=1, max_size=3)


def written(value: Any) -> str:
    """The text of a value; ``dict(...)`` as configs have it."""
    if isinstance(value, dict):
        return f"dict({', '.join(f'{key}={written(item)}' for key, item in value.items())})"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, tuple):
        return f"({''.join(written(item) + ', ' for item in value)})"
    return repr(value)


def dict_paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all dicts below a value, in dicts and lists."""
    found = [path] if isinstance(value, dict) else []
    if isinstance(value, dict):
        entries: Any = value.items()
    else:
        entries = enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        found += dict_paths(item, (*path, key))
    return found


def reached(path: tuple[Any, ...]) -> str:
    """The text that reaches a path: ``.key`` and ``[0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
