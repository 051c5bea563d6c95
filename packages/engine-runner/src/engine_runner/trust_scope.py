"""Trust scope: what holds while something is built and run of a config nobody has trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from engine_fileio.pickles import data_alone
from engine_registry import trust_of
from engine_registry import trusting as names_trusted

__all__ = ["trusting", "within_trust"]

Method = TypeVar("Method", bound=Callable[..., Any])


@contextmanager
def trusting(trust: bool | None) -> Iterator[None]:
    """Say for a while whether the config in hand is trusted; None leaves it as it is.

    Without trust, registered names and layers of ``torch.nn`` are built alone, and pickles are
    read as data.
    """
    if trust is None:
        yield
        return
    with names_trusted(trust), data_alone(not trust):
        yield


def within_trust(method: Method) -> Method:
    """Let a method of what has a ``cfg`` run with the trust that is given to that."""

    @wraps(method)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        with trusting(trust_of(self.cfg)):
            return method(self, *args, **kwargs)

    return run  # type: ignore[return-value]  # it is called as the method is
