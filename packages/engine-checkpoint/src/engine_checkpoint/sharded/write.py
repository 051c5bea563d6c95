"""Writing a sharded checkpoint: every rank its part, and all of them or none.

The files are those of torch.distributed.checkpoint, which reads them. They are not written by its
``save``, which makes no digests while it writes, hands an error of the disk on as one of its own,
and leaves half a folder where a rank has failed.
"""

from __future__ import annotations

import errno
import io
import os
import pickle
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from engine_checkpoint.digest import HashedFile
from engine_checkpoint.errors import CheckpointError
from engine_checkpoint.sharded.agreement import Failure, Ranks, attempt
from engine_checkpoint.sharded.flattening import Parts, taken_apart
from engine_checkpoint.sharded.folder import (
    CONTENT,
    LAYOUT,
    Digest,
    make_draft,
    publish_draft,
    write_synced,
)
from engine_checkpoint.sharded.rank_part import OWN, write_own_part
from engine_checkpoint.sharded.write_plan import Piece, own_pieces
from engine_checkpoint.snapshot import Snapshots

__all__ = ["ShardedWriter", "check_local", "complete", "write_pieces"]

_VERSION = "1.0.0"  # of torch's layout


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """Where a piece is: what the main rank is told of each, in few bytes."""

    name: str
    shape: tuple[int, ...]
    offsets: tuple[int, ...]
    size: tuple[int, ...]
    dtype: torch.dtype
    file: str
    offset: int
    length: int


class ShardedWriter:
    """Writes checkpoints as folders, by all ranks at once, and one after the other.

    They are written in the order in which they were staged, whichever thread writes them: all ranks
    talk of the same one.
    """

    def __init__(self) -> None:
        self._ranks: Ranks | None = None
        self._last = threading.Event()  # set when what was staged last is written
        self._last.set()

    def stage(
        self,
        checkpoint: dict[str, Any],
        address: str,
        *,
        backend_args: dict[str, Any] | None = None,
        snapshots: Snapshots | None = None,
    ) -> Callable[[], None]:
        """Return what writes a checkpoint, and fails on all ranks if it fails on one.

        Every rank has to call both, what is returned once.

        Args:
            checkpoint: what the main rank has of it, of the weights what every rank has, and as
                `OWN` what is this rank's alone.
            address: a folder on a disk that all ranks see.
            backend_args: of the storage, which can only be the local one.
            snapshots: copies the tensors, so that it can be written while they change.

        Raises:
            ValueError: the address is no local one.
        """
        check_local(address, backend_args)
        self._ranks = self._ranks or Ranks()
        own = checkpoint.get(OWN)
        parts = taken_apart({key: each for key, each in checkpoint.items() if key != OWN})
        ranks = self._ranks
        pieces = own_pieces(parts, rank=ranks.rank, world_size=ranks.world_size)
        if not ranks.is_main:
            parts.content = None
        if snapshots is not None:
            copied = snapshots.take(
                {"content": parts.content, "tensors": [p.tensor for p in pieces], OWN: own}
            )
            parts.content, own = copied["content"], copied[OWN]
            pairs = zip(pieces, copied["tensors"], strict=True)
            pieces = [replace(piece, tensor=tensor) for piece, tensor in pairs]
        parts.tensors = {}
        before, self._last = self._last, threading.Event()
        write = partial(_write, ranks, parts, pieces, own=own, target=Path(address))
        return partial(_in_turn, before, write, self._last)


def check_local(address: str, backend_args: dict[str, Any] | None = None) -> None:
    """Refuse an address where no sharded checkpoint can be written.

    Raises:
        ValueError: it is no local one.
    """
    if "://" in address or (backend_args or {}).get("backend", "local") not in ("local", "disk"):
        raise ValueError(
            f"a sharded checkpoint is a folder on a disk that all ranks see, and {address} is none"
            ': give a local out_dir, or state_dict_cfg="full" for checkpoints of one file'
        )


def _in_turn(before: threading.Event, write: Callable[[], None], done: threading.Event) -> None:
    before.wait()
    try:
        write()
    finally:
        done.set()


def _write(ranks: Ranks, parts: Parts, pieces: Sequence[Piece], *, own: Any, target: Path) -> None:
    needed = ranks.sum(sum(piece.tensor.nbytes for piece in pieces))
    draft = ranks.on_main(partial(_begin, target, needed))
    outcomes = ranks.gather(attempt(partial(_write_all, draft, ranks.rank, pieces, own=own)))
    ranks.on_main(partial(complete, draft, target, parts=parts, outcomes=outcomes))


def _begin(target: Path, needed: int) -> Path:
    draft = make_draft(target)
    free = shutil.disk_usage(draft).free
    if free < needed:
        draft.rmdir()
        reason = f"no space left: {needed / 1e9:.3g} GB needed, {free / 1e9:.3g} GB free"
        raise OSError(errno.ENOSPC, reason, str(target))
    return draft


def _write_all(
    draft: Path, rank: int, pieces: Sequence[Piece], *, own: Any
) -> tuple[dict[str, Digest], list[_Written]] | None:
    """What a rank has written of both kinds; None if it had nothing to write."""
    files, written = write_pieces(draft, rank, pieces)
    files |= write_own_part(draft, rank, own)
    return (files, written) if files else None


def write_pieces(
    draft: Path, rank: int, pieces: Sequence[Piece]
) -> tuple[dict[str, Digest], list[_Written]]:
    """Write a rank's file into a draft; return its digest, and where each piece is.

    Raises:
        OSError: it can't be written.
    """
    if not pieces:
        return {}, []
    name = f"__{rank}_0.distcp"
    written = []
    with (draft / name).open("wb") as file:
        hashed: Any = HashedFile(file)  # torch needs its write method alone
        for piece in pieces:
            begin = hashed.size
            torch.save(_alone(piece.tensor), hashed)
            hashed.check()
            written.append(
                _Written(
                    name=piece.name,
                    shape=piece.shape,
                    offsets=piece.offsets,
                    size=tuple(piece.tensor.shape),
                    dtype=piece.tensor.dtype,
                    file=name,
                    offset=begin,
                    length=hashed.size - begin,
                )
            )
        digest = hashed.finish()
        file.flush()
        os.fsync(file.fileno())
    return {name: Digest(size=hashed.size, xxh3=digest)}, written


def _alone(tensor: torch.Tensor) -> torch.Tensor:
    """On the CPU, in memory that holds nothing else: torch writes all of it."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    if not tensor.is_contiguous() or tensor.untyped_storage().nbytes() != tensor.nbytes:
        tensor = tensor.clone(memory_format=torch.contiguous_format)
    return tensor.view_as(tensor)  # of a parameter, plain data


def complete(draft: Path, target: Path, *, parts: Parts, outcomes: Sequence[Any]) -> None:
    """Make the checkpoint of a draft, or remove the draft if anything has failed.

    Args:
        draft: where every rank has written its file.
        target: the name that it gets.
        parts: the content, and the places and paths of all tensors.
        outcomes: of each rank what `write_pieces` has returned, or its `Failure`.

    Raises:
        OSError: a rank, or this, couldn't write.
        CheckpointError: a rank has failed with something else.
    """
    try:
        for outcome in outcomes:
            if isinstance(outcome, Failure):
                raise outcome.error()
        files = {name: each for found, _ in outcomes for name, each in found.items()}
        written = [each for _, those in outcomes for each in those]
        files[LAYOUT] = write_synced(draft / LAYOUT, _layout(parts, written))
        content = io.BytesIO()
        torch.save({"content": parts.content, "places": parts.places}, content)
        files[CONTENT] = write_synced(draft / CONTENT, content.getvalue())
        publish_draft(draft, target, files)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        named = error.filename is None or str(error.filename).startswith(str(draft))
        if error.errno and named:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise
    except Exception:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _layout(parts: Parts, written: Sequence[_Written]) -> bytes:
    """Torch's own description of what is where."""
    from torch.distributed.checkpoint import filesystem, metadata

    tensors: dict[str, Any] = {}
    places: dict[Any, Any] = {}
    for each in written:
        name, offsets = each.name, torch.Size(each.offsets)
        chunk = metadata.ChunkStorageMetadata(offsets, torch.Size(each.size))
        if name not in tensors:
            tensors[name] = metadata.TensorStorageMetadata(
                metadata.TensorProperties(dtype=each.dtype), torch.Size(each.shape), []
            )
        index = metadata.MetadataIndex(name, offsets, len(tensors[name].chunks))
        tensors[name].chunks.append(chunk)
        places[index] = filesystem._StorageInfo(each.file, each.offset, each.length)
    for name in parts.paths:
        chunks = tensors[name].chunks if name in tensors else []
        there = sum(chunk.sizes.numel() for chunk in chunks)
        if not chunks or there != tensors[name].size.numel():
            raise CheckpointError(f"no rank has all of its part of {name}: it can't be saved")
    described = metadata.Metadata(
        state_dict_metadata=tensors,
        planner_data=parts.paths,
        storage_data=places,
        storage_meta=metadata.StorageMeta(),
    )
    if hasattr(described, "version"):  # since torch 2.9
        described.version = _VERSION
    return pickle.dumps(described)
