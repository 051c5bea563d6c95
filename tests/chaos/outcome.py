"""What a training has come to: all that has to be the same, whatever befell it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from engine_checkpoint import find_latest_checkpoint, read_file

__all__ = ["differences", "outcome"]

# What a clock or the memory says, and when and where a training ran.
_BY_CHANCE = {"time", "data_time", "memory", "eta", "timestamp"}
_OF_THE_RUN = {"meta", "message_hub"}


def outcome(work_dir: Path) -> dict[str, Any]:
    """Return the last checkpoint, the best one and its score, and every logged scalar."""
    address = find_latest_checkpoint(str(work_dir))
    assert address is not None, f"{work_dir} has no checkpoint"
    last = read_file(address)
    best_files = [*work_dir.glob("best_*.pth")]
    # The last validation comes after the last checkpoint: what is best knows it itself.
    best = read_file(str(best_files[0]))
    return {
        "last": {key: value for key, value in last.items() if key not in _OF_THE_RUN},
        "best": {key: best[key] for key in ("state_dict", "train_state")},
        "score": best["message_hub"]["runtime_info"]["best_score"],
        "names": [file.name for file in best_files],
        "scalars": _scalars(work_dir),
    }


def _scalars(work_dir: Path) -> dict[str, dict[str, Any]]:
    """The last line of every iteration: one that was lost with its weights is written again."""
    found: dict[str, dict[str, Any]] = {}
    files = [*work_dir.glob("*/vis_data/scalars.json")]
    for file in sorted(files, key=lambda each: each.stat().st_mtime_ns):
        for line in file.read_text().splitlines():
            try:
                scalars = json.loads(line)
            except ValueError:  # it was killed while it wrote this
                continue
            kind = "val" if "accuracy" in scalars else "train"
            kept = {key: value for key, value in scalars.items() if key not in _BY_CHANCE}
            found[f"{kind} {scalars['step']}"] = kept
    return found


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Yield where two values differ; tensors are the same to the bit or not."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.dtype != other.dtype or not torch.equal(_bits(one), _bits(other)):
            yield where
    elif isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                yield f"{where}/{key} is there once only"
            else:
                yield from differences(one[key], other[key], f"{where}/{key}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            yield f"{where} has {len(one)} and {len(other)} entries"
        for index, (first, second) in enumerate(zip(one, other, strict=False)):
            yield from differences(first, second, f"{where}/{index}")
    elif one != other:
        yield f"{where}: {one!r:.80} and {other!r:.80}"


def _bits(value: torch.Tensor) -> torch.Tensor:
    """(bytes,): NaN is NaN, and 0.0 is not -0.0."""
    return value.detach().contiguous().flatten().view(torch.uint8)
