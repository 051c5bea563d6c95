"""A checkpoint as MMEngine pickles one: its histories are objects of MMEngine's class.

MMEngine takes over no other histories, and a file that names its class can't be read with
``weights_only=True``. So checkpoints hold plain data, and one is written so when it is asked for.
MMEngine itself isn't needed: its class is named, not imported.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, BinaryIO, Final

import torch

__all__ = ["save_for_mmengine"]

_CLASS: Final = b"mmengine.logging.history_buffer\nHistoryBuffer\n"


class _History:
    """Stands for an object of MMEngine's class."""

    def __init__(self, values: list[Any], counts: list[Any], max_length: int) -> None:
        self.arguments = values, counts, max_length


_PYTHONS: Any = pickle._Pickler  # the one in C writes no name of a class that isn't here


def _save(pickler: Any, obj: Any, save_persistent_id: bool = True) -> None:
    if not isinstance(obj, _History):
        _PYTHONS.save(pickler, obj, save_persistent_id)
        return
    pickler.write(pickle.GLOBAL + _CLASS)
    _PYTHONS.save(pickler, obj.arguments)
    pickler.write(pickle.REDUCE)
    pickler.memoize(obj)


_PICKLE: Final = SimpleNamespace(
    Pickler=type("_Pickler", (_PYTHONS,), {"save": _save}), __name__="pickle"
)


def save_for_mmengine(checkpoint: Mapping[str, Any], file: BinaryIO) -> None:
    """Write a checkpoint from which MMEngine 0.10.7 goes on with the history of its scalars.

    It has to be told ``TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1`` there, as for its own.

    Args:
        checkpoint: what one of ours holds.
        file: where it goes.
    """
    found = dict(checkpoint)
    hub = found.get("message_hub")
    if isinstance(hub, Mapping):
        scalars = hub.get("log_scalars") or {}
        found["message_hub"] = {
            **hub,
            "log_scalars": {key: _history(each) for key, each in scalars.items()},
        }
    torch.save(found, file, pickle_module=_PICKLE)


def _history(value: Any) -> Any:
    if not isinstance(value, Mapping) or "log_history" not in value:
        return value
    values, counts = [*value["log_history"]], [*value["count_history"]]
    return _History(values, counts, value["max_length"])
