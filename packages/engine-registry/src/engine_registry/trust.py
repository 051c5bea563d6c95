"""Whether what is being built was named by somebody who is trusted.

A config that a stranger wrote says so of itself: its ``__trusted__()`` is False. While an object
is built from one, and in what its constructor builds in turn, import paths are not followed.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["is_trusted", "says_trusted", "trust_of", "trusting"]

_said: ContextVar[bool | None] = ContextVar("trust", default=None)


def is_trusted() -> bool:
    """Whether import paths are followed, and files that hold code are read, here."""
    return _said.get() is not False


def says_trusted(cfg: Any) -> bool:
    """Whether a config is trusted by its own word; a plain dict is the program's."""
    ask = getattr(type(cfg), "__trusted__", None)
    return ask is None or bool(ask(cfg))


def trust_of(*cfgs: Any, said: bool | None = None) -> bool | None:
    """What `trusting` takes for what is built of configs, if ``said`` doesn't say it."""
    if said is not None:
        return said
    return False if _said.get() is None and not all(map(says_trusted, cfgs)) else None


@contextmanager
def trusting(trust: bool | None) -> Iterator[None]:
    """Say for a while whether what is built is trusted; None leaves it as it is.

    It holds for this thread (or asynchronous task) alone.
    """
    if trust is None:
        yield
        return
    token = _said.set(trust)
    try:
        yield
    finally:
        _said.reset(token)
