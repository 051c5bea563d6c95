"""Data that tell what was read, also in workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from engine_registry import LOOPS
from engine_runner.loops import EpochBasedTrainLoop


class Reads(Dataset[Any]):
    """Sample i is i; what is read is kept, or leaves a file in ``folder``."""

    def __init__(self, size: int, folder: str | None = None) -> None:
        self.size, self.folder = size, folder
        self.read: list[int] = []

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Any:
        self.read.append(index)
        if self.folder:
            Path(self.folder, str(index)).touch()
        return torch.tensor(index)


class EveryOther(EpochBasedTrainLoop):
    """Trains on every other batch."""

    def run_iter(self, idx: int, data_batch: Any) -> None:
        if idx % 2 == 0:
            super().run_iter(idx, data_batch)


def register() -> None:
    """Let configs find it."""
    LOOPS.register_module(module=EveryOther, force=True)
