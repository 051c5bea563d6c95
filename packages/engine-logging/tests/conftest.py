"""Every test has loggers and hubs of its own, and leaves `logging` as it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from engine_logging import MessageHub, MMLogger, undo_setup, use_ranks


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID", "SLURM_NTASKS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    handlers = list(logging.getLogger().handlers)
    yield
    undo_setup()
    use_ranks()
    assert [each for each in logging.getLogger().handlers if each not in handlers] == []
    for logger in MMLogger._instance_dict.values():
        logger.close()
    MMLogger._instance_dict.clear()
    MessageHub._instance_dict.clear()


class Tensor:
    """What a tensor can do, as far as logging is concerned; counts how often it is waited for."""

    def __init__(self, value: float, device: str = "gpu:0", base: object = None) -> None:
        self.value = [value]  # shared with what is detached from it, as a tensor's memory is
        self.device = device
        self.is_cpu = device == "cpu"
        self.num_waits = [0]
        self._version = 0
        self._base = base
        self.requires_grad = True
        self.size = 1

    def numel(self) -> int:
        return self.size

    def detach(self) -> Tensor:
        return self

    def clone(self) -> Tensor:
        copy = Tensor(self.value[0], self.device)
        copy.num_waits = self.num_waits
        return copy

    def item(self) -> float:
        self.num_waits[0] += 1
        return self.value[0]

    def add_(self, other: float) -> None:
        self.value[0] += other
        self._version += 1


@pytest.fixture
def tensor() -> type[Tensor]:
    return Tensor
