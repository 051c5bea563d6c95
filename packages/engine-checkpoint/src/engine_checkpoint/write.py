"""Writing a checkpoint: whole, or not at all."""

from __future__ import annotations

import errno
import io
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import torch

from engine_checkpoint.digest import DigestWriter
from engine_checkpoint.recursion import room_for_nesting
from engine_checkpoint.serializable import kept
from engine_checkpoint.snapshot import size_of
from engine_fileio import put
from engine_fileio.atomic import atomic_file, clear_drafts

__all__ = ["save_checkpoint"]


@room_for_nesting()
def save_checkpoint(
    checkpoint: dict[str, Any],
    filename: str,
    file_client_args: dict[str, Any] | None = None,
    backend_args: dict[str, Any] | None = None,
) -> None:
    """Write a checkpoint: under a temporary name, flushed to the disk, and then renamed.

    Args:
        checkpoint: data: see `kept`.
        filename: its address, on anything that `engine_fileio` writes.
        file_client_args: MMEngine's former name of ``backend_args``.
        backend_args: of the storage.

    Raises:
        NotKeptError: it holds what a checkpoint can't: see `kept`.
        ValueError: both arguments of the storage are given.
        OSError: it can't be written; what was there under this name still is.
    """
    if file_client_args is not None:
        if backend_args is not None:
            raise ValueError("give backend_args alone; file_client_args is its former name")
        backend_args = dict(file_client_args)
    checkpoint = kept(checkpoint, "checkpoint")
    if "://" not in str(filename):
        filename = str(Path(filename).expanduser())
    if "://" not in str(filename) and not backend_args:
        folder = Path(filename).parent
        folder.mkdir(parents=True, exist_ok=True)
        clear_drafts(folder)
        _check_space(filename, folder, size_of(checkpoint))
        with atomic_file(filename) as file:
            _write(checkpoint, file)
        return
    buffer = io.BytesIO()
    _write(checkpoint, buffer)
    put(buffer.getvalue(), filename, backend_args=backend_args)


def _check_space(filename: str, folder: Path, needed: int) -> None:
    """Refuse to begin what can't be finished: the old file stays until the new one is written."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        reason = f"no space left: {needed / 1e9:.3g} GB needed, {free / 1e9:.3g} GB free"
        raise OSError(errno.ENOSPC, reason, str(filename))


def _write(checkpoint: dict[str, Any], file: BinaryIO) -> None:
    writer: Any = DigestWriter(file)  # torch needs its write method alone
    torch.save(checkpoint, writer)
    writer.finish()
