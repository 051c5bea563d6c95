"""Scikit-learn's digits, read dearly or cheaply, and models that fail on one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_runner import BaseModel, Runner


class Digits(Dataset[Any]):
    """1,797 digits of 8 x 8 pixels; ``prepare`` is done with each."""

    def __init__(self, size: int = 512, prepare: Callable[[Any], Any] | None = None) -> None:
        from sklearn.datasets import load_digits

        found: Any = load_digits()
        self.images = (found.images[:size] / 16).astype(np.float32)
        self.labels = found.target[:size].astype(np.int64)
        self.prepare = prepare

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = self.images[index]
        if self.prepare is not None:
            image = self.prepare(image)
        return torch.from_numpy(np.ascontiguousarray(image))[None], torch.tensor(self.labels[index])


def smoothed(image: Any) -> Any:
    """The image, blurred and sharpened by its spectrum often enough to take some milliseconds."""
    large = np.kron(image, np.ones((16, 16), np.float32))
    for _ in range(12):
        spectrum = np.fft.fft2(large)
        large = np.fft.ifft2(spectrum * np.exp(-np.abs(np.fft.fftfreq(128))[:, None])).real
    return large[::16, ::16].astype(np.float32)


class DigitNet(BaseModel):
    """Two layers on pixels."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU())
        self.head = nn.Linear(width, 10)

    def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        scores = self.head(self.body(images))
        if mode == "loss":
            return {"loss": nn.functional.cross_entropy(scores, labels)}
        return scores


def runner(work_dir: Any, data: Any, **options: Any) -> Runner:
    """A runner that trains `DigitNet` for an epoch in batches of 16."""
    torch.manual_seed(0)
    return Runner(
        **{
            "model": DigitNet(),
            "work_dir": str(work_dir),
            "train_dataloader": {
                "dataset": data,
                "batch_size": 16,
                "sampler": {"type": "DefaultSampler", "shuffle": True},
                "collate_fn": {"type": "default_collate"},
                **options.pop("loader", {}),
            },
            "train_cfg": {"by_epoch": True, "max_epochs": 1, **options.pop("train", {})},
            "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.05}},
            "randomness": {"seed": 3},
            "default_scope": "engine",
            **options,
        }
    )
