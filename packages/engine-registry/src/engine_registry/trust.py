"""Whether what is being built was named by somebody who is trusted.

A config that a stranger wrote says so of itself: its ``__trusted__()`` is False. While an object
is built from one, and in what its constructor builds in turn, import paths are not followed.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

from engine_registry.errors import UntrustedNameError

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeVar

    Target = TypeVar("Target")

__all__ = ["check_reach", "is_trusted", "reaches_out", "says_trusted", "trust_of", "trusting"]

_REACHES = "__reaches_out__"
_said: ContextVar[bool | None] = ContextVar("trust", default=None)


def is_trusted() -> bool:
    """Whether import paths are followed, and files that hold code are read, here."""
    return _said.get() is not False


def says_trusted(cfg: Any) -> bool:
    """Whether a config is trusted by its own word; a plain dict is the program's."""
    ask = getattr(type(cfg), "__trusted__", None)
    return ask is None or bool(ask(cfg))


def reaches_out(target: Target) -> Target:
    """Mark a class or function that reads, writes or sends what its arguments name.

    It is not built of a config that nobody trusts.
    """
    setattr(target, _REACHES, True)
    return target


def check_reach(target: Target, kind: str) -> Target:
    """Return ``target``, unless it reaches out and nobody has trusted who names it.

    Raises:
        UntrustedNameError: it does.
    """
    if not is_trusted() and getattr(target, _REACHES, False):
        name = getattr(target, "__name__", str(target))
        raise UntrustedNameError(
            f"the {kind} {name!r} reads, writes or sends what its arguments name, which isn't done "
            "for a config that is not trusted. If you trust who wrote it, say so: "
            "build(cfg, trust=True), cfg.trust(), or Inferencer(..., trust=True)"
        )
    return target


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
