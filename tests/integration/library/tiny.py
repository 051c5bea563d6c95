"""A model, data and a metric so small that a training takes milliseconds; configs find them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_registry import DATASETS, HOOKS, LOOPS, METRICS, MODELS
from engine_runner import BaseDataset, BaseMetric, BaseModel, Hook
from engine_runner.loops import EpochBasedTrainLoop


@MODELS.register_module()
class TinyNet(BaseModel):
    """Two layers; its weights depend on the seed."""

    def __init__(self, width: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = nn.Linear(3, width)
        self.last = nn.Linear(width, 1)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        found = self.last(self.first(x).relu())
        if mode == "loss":
            return {"loss": ((found - y) ** 2).mean(), "size": found.detach().abs().mean()}
        return found if mode == "tensor" else [*zip(found, y, strict=True)]


@MODELS.register_module()
class TurnsNaN(TinyNet):
    """Its ``loss_b`` is NaN from the fifth batch on."""

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        found = super().forward(x, y, mode=mode)
        if mode != "loss":
            return found
        self.seen = getattr(self, "seen", 0) + 1
        bad = float("nan") if self.seen >= 5 else 1.0
        return {"loss_a": found["loss"], "loss_b": found["loss"] * bad}


@MODELS.register_module()
class Other(BaseModel):
    """No weight of it is called as one of `TinyNet`."""

    def __init__(self) -> None:
        super().__init__()
        self.only = nn.Linear(3, 1)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        return {"loss": ((self.only(x) - y) ** 2).mean()}


@DATASETS.register_module()
class Samples(Dataset):
    """``size`` samples of a plane; ``folder`` gets a file for each that is read."""

    def __init__(self, size: int = 24, folder: str | None = None, bad: int | None = None) -> None:
        self.size, self.folder, self.bad = size, folder, bad

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if index == self.bad:
            raise OSError("broken picture")
        if self.folder is not None:
            Path(self.folder, str(index)).touch()
        x = torch.tensor([index / self.size, (index % 5) / 5, 1.0])
        return {"x": x, "y": x[:1] * 2 - x[1:2]}


@DATASETS.register_module()
class Workers(Samples):
    """Leaves a file with the number of each process that reads it."""

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        assert self.folder is not None
        Path(self.folder, str(os.getpid())).touch()
        return super().__getitem__(index)


@DATASETS.register_module()
class Pictures(BaseDataset):
    """Annotations whose ``bad`` one has no picture."""

    def __init__(self, size: int = 24, bad: int | None = None, **kwargs: Any) -> None:
        self.size, self.bad = size, bad
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"img_path": f"images/{i}.png", "value": i} for i in range(self.size)]

    def prepare_data(self, idx: int) -> dict[str, Tensor]:
        info = self.get_data_info(idx)
        if info["value"] == self.bad:
            raise OSError("broken picture")
        return {"x": torch.full((3,), info["value"] / self.size), "y": torch.ones(1)}


@METRICS.register_module()
class SquaredError(BaseMetric):
    """The mean squared error, and how many samples there were."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [float((found - y) ** 2) for found, y in data_samples]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"mse": sum(results) / len(results), "count": len(results)}


@HOOKS.register_module()
class Notes(Hook):
    """Keeps which stages were called."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def before_train(self, runner: Any) -> None:
        self.noted.append("before_train")

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self.noted.append(f"iter {runner.iter} loss" if "loss" in outputs else "no loss")


@HOOKS.register_module()
class StopAt(Hook):
    """Ends the training in the middle, as a crash would."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == self.iteration:
            raise InterruptedError("stopped here")


@LOOPS.register_module()
class FirstBatches(EpochBasedTrainLoop):
    """Trains on the first ``number`` batches of each epoch."""

    def __init__(self, runner: Any, dataloader: Any, max_epochs: int, number: int = 2) -> None:
        super().__init__(runner, dataloader, max_epochs)
        self.number = number

    def run_iter(self, idx: int, data_batch: Any) -> None:
        if idx < self.number:
            super().run_iter(idx, data_batch)
