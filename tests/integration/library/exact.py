"""A training in which everything that could differ is at work: for the tests of exact resumes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_logging import MessageHub
from engine_registry import DATASETS, HOOKS, METRICS, MODELS
from engine_runner import BaseMetric, BaseModel, Hook


@MODELS.register_module()
class Drops(BaseModel):
    """A convolution with batch normalisation, dropout and a linear layer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(4 * 16, 2)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        found = self.last(self.drop(self.norm(self.conv(x)).relu().flatten(1)))
        if mode == "loss":
            return {"loss": nn.functional.cross_entropy(found, y)}
        return found if mode == "tensor" else [*zip(found, y, strict=True)]


@DATASETS.register_module()
class Noisy(Dataset):
    """Pictures that are turned, shifted and made noisy, with three libraries' random numbers."""

    def __init__(self, size: int = 32, augment: bool = True) -> None:
        generator = torch.Generator().manual_seed(5)
        self.pictures = torch.rand(size, 1, 6, 6, generator=generator)
        self.labels = (self.pictures.mean((1, 2, 3)) > 0.5).long()
        self.augment = augment

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        picture = self.pictures[index]
        if self.augment:
            if random.random() < 0.5:
                picture = picture.flip(-1)
            picture = picture + float(np.random.randn()) / 10 + torch.randn(()) / 10
        return {"x": picture, "y": self.labels[index]}


@METRICS.register_module()
class Confidence(BaseMetric):
    """The mean probability of the right class."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [float(found.softmax(0)[y]) for found, y in data_samples]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"accuracy": sum(results) / len(results)}


@METRICS.register_module()
class Growing(BaseMetric):
    """The iterations that the training has made."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [MessageHub.get_current_instance().get_info("iter")]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"accuracy": max(results)}


@HOOKS.register_module()
class FailsAt(Hook):
    """Ends the training at a stage of an iteration or epoch, as a crash would."""

    priority = "LOWEST"

    def __init__(self, stage: str, when: int) -> None:
        self.stage, self.when = stage, when

    def _fail(self, runner: Any, stage: str, when: int) -> None:
        if (stage, when) == (self.stage, self.when):
            raise InterruptedError(f"stopped {stage} {when}")

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self._fail(runner, "after iteration", runner.iter + 1)

    def after_train_epoch(self, runner: Any) -> None:
        self._fail(runner, "after epoch", runner.epoch + 1)

    def before_val_epoch(self, runner: Any) -> None:
        self._fail(runner, "before validation", runner.iter)

    def after_val_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if batch_idx == 1:
            self._fail(runner, "in validation", runner.iter)

    def after_val(self, runner: Any) -> None:
        self._fail(runner, "after validation", runner.iter)
