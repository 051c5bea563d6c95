"""What holds while something is built and run of a config that nobody has trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine_fileio.pickles import data_alone
from engine_registry import trusting as names_trusted

__all__ = ["trusting"]


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
