"""A program whose data workers persist, and that ends in the way that it is told."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from engine_dataset import worker_init_fn
from engine_evaluator import BaseMetric
from engine_model import BaseModel
from engine_runner.runner import Runner


class Ones(Dataset[Any]):
    """Eight samples; who reads them leaves a file in a folder, by the number of its process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        Path(self.folder, f"{os.getpid()}.worker").touch()
        return torch.ones(2), index


class Net(BaseModel):
    """A layer."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, inputs: Tensor, labels: Any = None, mode: str = "tensor") -> Any:
        outputs = self.linear(inputs)
        return {"loss": outputs.sum()} if mode == "loss" else outputs


class Ending(BaseMetric):
    """Ends the process in its way, after the first batch."""

    way = "normal"

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.append(1)
        if self.way == "sys.exit":
            sys.exit(0)
        if self.way == "exception":
            raise RuntimeError("on purpose")
        if self.way == "interrupt":
            signal.raise_signal(signal.SIGINT)

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        return {"score": 1.0}


def by_hand(start_method: str, folder: str) -> None:
    """Read from a loader of torch's, and let go of nothing."""
    loader = DataLoader(
        Ones(folder),
        num_workers=2,
        persistent_workers=True,
        multiprocessing_context=start_method,
        worker_init_fn=partial(worker_init_fn, num_workers=2, rank=0, seed=1),
    )
    globals()["held"] = loader, [*loader]


def main(what: str, way: str, start_method: str, folder: str) -> None:
    """Train, validate or test, and end."""
    if what == "by_hand":
        by_hand(start_method, folder)
        return
    Ending.way = way
    loader = {
        "dataset": Ones(folder),
        "batch_size": 2,
        "num_workers": 2,
        "persistent_workers": True,
        "sampler": {"type": "DefaultSampler", "shuffle": False},
        "collate_fn": {"type": "default_collate"},
    }
    runner = Runner(
        model=Net(),
        work_dir=folder,
        **{f"{mode}_dataloader": dict(loader) for mode in ("train", "val", "test")},
        **{f"{mode}_evaluator": Ending() for mode in ("val", "test")},
        train_cfg={"by_epoch": True, "max_epochs": 1},
        val_cfg={},
        test_cfg={},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        env_cfg={"mp_cfg": {"mp_start_method": start_method}, "dist_cfg": {"backend": "gloo"}},
        randomness={"seed": 0},
    )
    globals()["held"] = runner
    getattr(runner, what)()


if __name__ == "__main__":
    main(*sys.argv[1:])
