"""A model, data and a metric so small that a training takes milliseconds; also for processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, IterableDataset

from engine_runner import BaseMetric, BaseModel, Runner

QUIET: dict[str, None] = dict.fromkeys(
    ("runtime_info", "timer", "sampler_seed", "logger", "param_scheduler", "checkpoint")
)


class Line(BaseModel):
    """y = w x + b, trained by its squared error; whatever ``acc`` says is logged beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = nn.Linear(2, 1)
        nn.init.constant_(self.layer.weight, 0.5)
        nn.init.constant_(self.layer.bias, 0.0)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        if mode == "loss":
            return {"loss": ((self.layer(x) - y) ** 2).mean(), "acc": torch.tensor(0.5)}
        return self.layer(x) if mode == "tensor" else [*zip(self.layer(x), y, strict=True)]


class Points(Dataset[Any]):
    """``size`` points, of which it counts how often each was read in this process."""

    def __init__(self, size: int = 23, metainfo: dict[str, Any] | None = None) -> None:
        self.size = size
        self.read: list[int] = []
        if metainfo is not None:
            self.metainfo = metainfo

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        self.read.append(index)
        return torch.tensor([index / self.size, 1.0]), torch.tensor([2.0 * index / self.size])


class Stream(IterableDataset[Any]):
    """Points without a length, of which it counts how many were read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.num_read = 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for index in range(self.size):
            self.num_read += 1
            yield torch.tensor([float(index), 1.0]), torch.tensor([0.0])


class Count(BaseMetric):
    """How many samples there were, and what each epoch's ``scores`` say is the accuracy."""

    def __init__(self, scores: list[float] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scores = list(scores or [])

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.extend(1 for _ in data_samples)

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        score = self.scores.pop(0) if self.scores else 1.0
        return {"accuracy": score, "count": len(results)}


def loader(dataset: Any, *, shuffle: bool = False, **options: Any) -> dict[str, Any]:
    """The config of a loader."""
    return {
        "batch_size": 2,
        "sampler": {"type": "DefaultSampler", "shuffle": shuffle},
        "collate_fn": {"type": "default_collate"},
        "dataset": dataset,
        **options,
    }


def toy_runner(work_dir: Any, **options: Any) -> Runner:
    """A runner that trains for two epochs and validates; ``options`` replace its arguments."""
    arguments: dict[str, Any] = {
        "model": Line(),
        "work_dir": str(work_dir),
        "train_dataloader": loader(Points()),
        "train_cfg": {"by_epoch": True, "max_epochs": 2},
        "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.01}},
        "val_dataloader": loader(Points(5)),
        "val_cfg": {},
        "val_evaluator": {"type": Count},
        "randomness": {"seed": 1},
        "log_level": "WARNING",
        **options,
    }
    return Runner(**arguments)


def without_validation(**options: Any) -> dict[str, Any]:
    """Options of a runner that only trains."""
    return {"val_dataloader": None, "val_cfg": None, "val_evaluator": None, **options}
