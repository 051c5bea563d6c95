"""Pickles of any kind of file, read as data by the reader of checkpoints; for `engine_fileio`."""

from __future__ import annotations

from typing import Any, NoReturn

from engine_checkpoint.errors import UnsafeCheckpointError
from engine_checkpoint.pickle_opcodes import nodes_of
from engine_checkpoint.unpickle import Values
from engine_fileio.pickles import NotDataError

__all__ = ["read_pickle"]


def read_pickle(data: bytes) -> Any:
    """Return what a pickle holds.

    Raises:
        NotDataError: it names more than data, or is damaged; nothing was executed.
    """
    try:
        node, _ = nodes_of(data)
        return Values(_no_storage).whole(node, "the pickle")
    except UnsafeCheckpointError as error:
        raise NotDataError(error.wanted) from error
    except (ValueError, RecursionError) as error:
        raise NotDataError(f"what isn't read as data ({error})") from error


def _no_storage(said: Any) -> NoReturn:
    raise ValueError("it refers to what lies outside of it")
