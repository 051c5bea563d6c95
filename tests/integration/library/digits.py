"""scikit-learn's digits, 1,797 pictures of 8 x 8 pixels, and what trains on them; for configs."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from engine_model import BaseTTAModel
from engine_registry import DATASETS, METRICS, MODELS, TRANSFORMS
from engine_runner import BaseDataset, BaseMetric, BaseModel

NUM_TRAINED, NUM_TESTED = 600, 300


def pixels_and_labels() -> tuple[Tensor, Tensor]:
    """(1797, 1, 8, 8) in [0, 1], and the digits."""
    images, labels = load_digits(return_X_y=True)
    return torch.tensor(images).float().view(-1, 1, 8, 8) / 16, torch.tensor(labels)


@DATASETS.register_module()
class Digits(BaseDataset):
    """The first 600 pictures to train on, or the next 300."""

    METAINFO: ClassVar[dict[str, Any]] = {"classes": tuple("0123456789")}

    def __init__(self, *, train: bool, **kwargs: Any) -> None:
        self.train = train
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        pixels, labels = pixels_and_labels()
        part = slice(NUM_TRAINED) if self.train else slice(NUM_TRAINED, NUM_TRAINED + NUM_TESTED)
        rows = zip(pixels[part].numpy(), labels[part].tolist(), strict=True)
        return [{"inputs": image, "labels": label} for image, label in rows]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        info = super().get_data_info(idx)
        return {"inputs": torch.as_tensor(info["inputs"]), "labels": torch.tensor(info["labels"])}


@TRANSFORMS.register_module()
class Shifts:
    """Views: the picture, moved by so many pixels to the right, and mirrored ones if asked for."""

    def __init__(self, by: list[int], *, mirrored: bool = False) -> None:
        self.by, self.mirrored = by, mirrored

    def __call__(self, data: dict[str, Tensor]) -> dict[str, list[Tensor]]:
        views = [torch.roll(data["inputs"], by, dims=-1) for by in self.by]
        views += [view.flip(-1) for view in views] if self.mirrored else []
        return {"inputs": views, "labels": [data["labels"]] * len(views)}


@MODELS.register_module()
class DigitNet(BaseModel):
    """A convolution with batch normalisation, and a layer."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.head = nn.Linear(width * 16, 10)

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        scores = self.head(self.features(inputs).flatten(1))
        if mode == "loss":
            return {"loss": cross_entropy(scores, labels)}
        if mode == "tensor":
            return scores
        return [*zip(scores.softmax(dim=1), labels, strict=True)]


@MODELS.register_module()
class MeanScores(BaseTTAModel):
    """The mean of the scores of all views."""

    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        return [
            (torch.stack([scores for scores, _ in views]).mean(dim=0), views[0][1])
            for views in data_samples_list
        ]


@METRICS.register_module()
class DigitAccuracy(BaseMetric):
    """The share of digits that were told, and what was predicted if asked for."""

    def __init__(self, *, keep: bool = False) -> None:
        super().__init__()
        self.keep = keep

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [(int(scores.argmax()), int(label)) for scores, label in data_samples]

    def compute_metrics(self, results: list[tuple[int, int]]) -> dict[str, Any]:
        share = sum(found == label for found, label in results) / len(results)
        kept = {"predicted": [found for found, _ in results]} if self.keep else {}
        return {"accuracy": share, **kept}
