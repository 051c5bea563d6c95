"""What each rank has for itself in a sharded checkpoint: written by it, and read back by it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import torch

from engine_checkpoint.read import read_file
from engine_checkpoint.sharded.folder import (
    Digest,
    check_files,
    digests_of,
    is_sharded_checkpoint,
    write_synced,
)

__all__ = ["OWN", "read_own_part", "write_own_part"]

# The part of a checkpoint, as a rank hands it over, that no other rank has.
OWN: Final = "own"


def write_own_part(draft: Path, rank: int, own: Any) -> dict[str, Digest]:
    """Write a rank's part into a draft, if it has one; return the file's digest by its name.

    Raises:
        OSError: it can't be written.
    """
    if own is None:
        return {}
    name, data = _file_of(rank), io.BytesIO()
    torch.save(own, data)
    return {name: write_synced(draft / name, data.getvalue())}


def read_own_part(address: str, rank: int) -> Any:
    """Return a rank's part of a checkpoint; None if it has none.

    Raises:
        CheckpointError: it is damaged.
    """
    if "://" in address or not is_sharded_checkpoint(address):
        return None
    folder, name = Path(address), _file_of(rank)
    digests = digests_of(folder, address)
    if digests is None or name not in digests:
        return None
    check_files(folder, digests, [name], name=address)
    return read_file(folder / name, "cpu", name=f"{address}: {name}")


def _file_of(rank: int) -> str:
    return f"rank_{rank}.pth"
