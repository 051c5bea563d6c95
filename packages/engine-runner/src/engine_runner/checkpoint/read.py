"""Reading a checkpoint's bytes without executing anything that they name."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final

import torch

from engine_config import Config, ConfigDict
from engine_logging import HistoryBuffer
from engine_runner.checkpoint.digest import damage_of
from engine_runner.checkpoint.errors import CheckpointError, UnsafeCheckpointError
from engine_runner.checkpoint.named import first_named
from engine_runner.checkpoint.numpy_data import ALLOWED, as_numpy
from engine_structures import BaseDataElement, InstanceData, LabelData, PixelData

__all__ = ["read_file"]


def _method_by_name(owner: object, name: str) -> str:
    """Stands for ``getattr``, by which MMEngine's histories name their own methods."""
    return name


# How torch tells what a checkpoint wanted to be imported.
_UNSAFE: Final = re.compile(r"(?:GLOBAL|Unsupported class|function) ([\w.]+)")
_UNREAD: Final = "Unsupported operand"

# What MMEngine's own checkpoints hold beside tensors and plain values, and what people put into
# them. Each only makes data. Elements by their own names are allowed by engine-structures.
_ALLOWED: list[Any] = [
    (HistoryBuffer, "mmengine.logging.history_buffer.HistoryBuffer"),
    HistoryBuffer,
    (Config, "mmengine.config.config.Config"),
    (ConfigDict, "mmengine.config.config.ConfigDict"),
    (BaseDataElement, "mmengine.structures.base_data_element.BaseDataElement"),
    (InstanceData, "mmengine.structures.instance_data.InstanceData"),
    (LabelData, "mmengine.structures.label_data.LabelData"),
    (PixelData, "mmengine.structures.pixel_data.PixelData"),
    *ALLOWED,
    (_method_by_name, "builtins.getattr"),
    (_method_by_name, "getattr"),
    (_method_by_name, "__builtin__.getattr"),
]


def read_file(file: str | Path | BinaryIO, map_location: Any = None, *, name: str = "") -> Any:
    """Return what ``torch.save`` wrote, as far as it is data: tensors, numbers, text, containers.

    Its bytes are checked: see `engine_runner.checkpoint.digest`.

    Args:
        file: a local file, or one that is open.
        map_location: as ``torch.load``.
        name: what to call it in an error.

    Raises:
        UnsafeCheckpointError: it names something that is no data; nothing was executed.
        CheckpointError: it is no checkpoint, or damaged.
    """
    name = name or str(file)
    if not isinstance(file, str | Path):
        found = damage_of(file)
        file.seek(0)
        return _checked(lambda: _load(file, map_location, name), lambda: found, name)
    with Path(file).open("rb") as opened, ThreadPoolExecutor(1) as worker:
        # It is checked while it is loaded: what is loaded runs nothing.
        checking = worker.submit(damage_of, opened)
        return _checked(lambda: _load(file, map_location, name), checking.result, name)


def _checked(load: Callable[[], Any], damage: Callable[[], str | None], name: str) -> Any:
    """What is loaded, unless its bytes are damaged; which also tells why it can't be loaded."""
    failure: CheckpointError | None = None
    try:
        found = load()
    except CheckpointError as error:
        failure = error
    if wrong := damage():
        raise CheckpointError(f"{name} is no checkpoint, or damaged: {wrong}") from failure
    if failure is not None:
        raise failure
    return found


def _load(file: str | Path | BinaryIO, map_location: Any, name: str) -> Any:
    try:
        with torch.serialization.safe_globals(_ALLOWED):
            return as_numpy(torch.load(file, map_location=map_location, weights_only=True))
    except pickle.UnpicklingError as error:
        text = str(error)
        found = _UNSAFE.search(text)
        wanted = found[1] if found else first_named(file) if _UNREAD in text else None
        if wanted:
            raise UnsafeCheckpointError(
                f"{name} holds more than data, and was not executed: it names {wanted}. If you "
                "trust its author, read it with torch.load(..., weights_only=False) and save its "
                "state_dict alone"
            ) from error
        reason = text.split("WeightsUnpickler error:")[-1].strip().split("\n")[0]
        raise CheckpointError(f"{name} is no checkpoint, or damaged: {reason[:300]}") from error
    except Exception as error:  # whatever comes of bytes that are none of torch's
        raise CheckpointError(
            f"{name} is no checkpoint, or damaged: {type(error).__name__}: {error}"[:600]
        ) from error
