"""What can be wrong with a checkpoint."""

from __future__ import annotations

__all__ = [
    "CheckpointError",
    "MissingCheckpointError",
    "UnsafeCheckpointError",
    "WrongModelError",
]


class CheckpointError(RuntimeError):
    """A checkpoint can't be read, or isn't one."""


class MissingCheckpointError(CheckpointError, FileNotFoundError):
    """There is no checkpoint at an address."""


class UnsafeCheckpointError(CheckpointError):
    """A checkpoint names classes or functions that reading data has no need of."""


class WrongModelError(CheckpointError):
    """The weights of a checkpoint don't fit the model."""
