"""Digits and nuclei, small models and metrics for them; importable by processes."""

from __future__ import annotations

import runpy
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset, TensorDataset

from engine_registry import METRICS
from engine_runner import BaseMetric, BaseModel, Runner

_OPERATORS: dict[str, Any] = {}  # torchvision's operators are there as long as this holds them


def let_torchvision_import() -> None:
    """Let torchvision, which torchmetrics imports, be imported on machines without a GPU."""
    if "torchvision" not in sys.modules:
        names = Path(__file__).parents[2] / "examples" / "cpu_torchvision" / "sitecustomize.py"
        _OPERATORS.update(runpy.run_path(str(names)))


def digits(first: int, last: int, *, turned: bool = False) -> TensorDataset:
    """Some of scikit-learn's 1,797 digits: (N, 64) in [0, 1] and their classes."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    images = torch.from_numpy(found.images[first:last]).float() / 16  # (N, 8, 8)
    if turned:
        images = images.rot90(dims=(1, 2))
    return TensorDataset(images.flatten(1), torch.from_numpy(found.target[first:last]))


class Classifier(BaseModel):
    """A layer and its cross entropy; in training it leaves out half of what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(64)
        self.drop = nn.Dropout(0.5)
        self.layer = nn.Linear(64, 10)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        scores = self.layer(self.drop(self.norm(x)))  # (N, 10)
        if mode == "loss":
            return {"loss_ce": functional.cross_entropy(scores, y)}
        return scores


@METRICS.register_module()
class GatheredAccuracy(BaseMetric):
    """The accuracy, by gathering every prediction."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        best = torch.stack(list(data_samples)).argmax(dim=1)
        self.results += (best == data_batch[1]).tolist()

    def compute_metrics(self, results: list[bool]) -> dict[str, Any]:
        return {"accuracy": sum(results) / len(results), "count": len(results)}


class Predictions(BaseMetric):
    """All that was predicted, and what it should be."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        best = torch.stack(list(data_samples)).argmax(dim=1)
        self.results += [*zip(best.tolist(), data_batch[1].tolist(), strict=True)]

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"pairs": results}


def data(dataset: Any, batch_size: int = 64, *, shuffle: bool = False) -> dict[str, Any]:
    """The config of a loader."""
    return {
        "dataset": dataset,
        "batch_size": batch_size,
        "sampler": {"type": "DefaultSampler", "shuffle": shuffle},
        "collate_fn": {"type": "default_collate"},
    }


def evaluation_on_a_rank(work_dir: str, dataset: TensorDataset) -> dict[str, Any]:
    """What a validation on digits gives, by every kind of metric."""
    let_torchvision_import()
    from torchmetrics import MetricCollection
    from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

    torch.manual_seed(0)
    runner = Runner(
        model=Classifier(),
        work_dir=work_dir,
        val_dataloader=data(dataset, batch_size=16),
        val_cfg={"loss": True},
        val_evaluator=[
            {"type": "TopKAccuracy", "topk": (1, 3)},
            {"type": "ConfusionMatrix", "num_classes": 10},
            {"type": GatheredAccuracy, "prefix": "gathered"},
            {"type": Predictions},
            MulticlassAccuracy(num_classes=10, average="micro"),
            {
                "type": "TorchMetric",
                "metric": MetricCollection([MulticlassF1Score(num_classes=10, average="macro")]),
                "prefix": "tm",
            },
        ],
        launcher="pytorch" if torch.distributed.is_initialized() else "none",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        log_level="WARNING",
        randomness={"seed": 1},
    )
    return runner.val()


class Tiles(Dataset[Any]):
    """The nuclei image of stardist, 512 x 512, in four tiles, and where nuclei are."""

    def __init__(self) -> None:
        from PIL import Image

        files = {each.name: each for each in metadata.files("stardist") or []}

        def read(name: str) -> Tensor:
            with Image.open(str(files[name].locate())) as image:
                return torch.from_numpy(np.asarray(image).astype(np.float32))

        self.image, self.mask = read("img2d.tif"), (read("mask2d.tif") > 0).long()

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rows = slice(256 * (index // 2), 256 * (index // 2) + 256)
        columns = slice(256 * (index % 2), 256 * (index % 2) + 256)
        return {"image": self.image[None, rows, columns], "mask": self.mask[rows, columns]}


class Threshold(BaseModel):
    """Says "nucleus" where the blurred image is brighter than a threshold."""

    def __init__(self, threshold: float = 40.0) -> None:
        super().__init__()
        self.blur = nn.Conv2d(1, 1, 5, padding=2, bias=False)
        nn.init.constant_(self.blur.weight, 1 / 25)
        self.threshold = threshold

    def forward(self, image: Tensor, mask: Tensor, mode: str = "tensor") -> Any:
        light = (self.blur(image) - self.threshold) / 10  # (N, 1, H, W)
        scores = torch.cat([-light, light], dim=1)  # (N, 2, H, W)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, mask)}
        return scores
