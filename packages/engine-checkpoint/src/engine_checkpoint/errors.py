"""What can be wrong with a checkpoint."""

from __future__ import annotations

from engine_fileio.address import hide_secrets

__all__ = [
    "CheckpointError",
    "MissingCheckpointError",
    "UnsafeCheckpointError",
    "WrongModelError",
]


class CheckpointError(RuntimeError):
    """A checkpoint can't be read, or isn't one. Addresses in its message show no secrets."""

    def __str__(self) -> str:
        return hide_secrets(super().__str__())


class MissingCheckpointError(CheckpointError, FileNotFoundError):
    """There is no checkpoint at an address."""


class UnsafeCheckpointError(CheckpointError):
    """A checkpoint names classes or functions that reading data has no need of.

    Attributes:
        wanted: the first of them.
    """

    wanted: str = ""


class WrongModelError(CheckpointError):
    """The weights of a checkpoint don't fit the model."""
