"""Digits somewhere in a frame, a network that minds where, and a test that looks several times."""

# Dimension names used in this file: N pictures, V views of each.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset

from engine_dataset import Compose
from engine_model import BaseTTAModel
from engine_registry import DATASETS, MODELS, TRANSFORMS
from engine_runner import BaseModel

NUM_TRAIN = 1437  # of 1,797; the rest is for the test
SIDE = 12  # of a frame, in pixels


@DATASETS.register_module()
class FramedDigits(Dataset):
    """Scikit-learn's digits, each somewhere in a frame: ``inputs`` (1, 12, 12), ``labels``.

    Args:
        train: whether to take the first 1,437 digits, or the others.
        pipeline: transforms of a sample.
    """

    metainfo: ClassVar = {"classes": [str(digit) for digit in range(10)]}

    def __init__(self, train: bool, pipeline: Sequence[dict[str, Any]] = ()) -> None:
        data, random = load_digits(), np.random.default_rng(int(train))
        part = slice(NUM_TRAIN) if train else slice(NUM_TRAIN, None)
        self.labels = data.target[part].tolist()
        self.images = torch.zeros(len(self.labels), 1, SIDE, SIDE)
        for image, digit in zip(self.images, data.images[part], strict=True):
            top, left = random.integers(1, SIDE - 8, size=2)
            image[0, top : top + 8, left : left + 8] = torch.from_numpy(digit / 16)
        self.pipeline = Compose(pipeline)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.pipeline({"inputs": self.images[index], "labels": self.labels[index]})


def moved(image: Tensor, down: int, right: int) -> Tensor:
    """Return the image (..., H, W) moved by so many pixels; what comes in is black."""
    padded = functional.pad(image, (1, 1, 1, 1))
    top, left = 1 - down, 1 - right
    return padded[..., top : top + image.shape[-2], left : left + image.shape[-1]]


@TRANSFORMS.register_module()
class Move:
    """Moves a picture by up to a pixel in each direction."""

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        down, right = np.random.randint(-1, 2, size=2)
        return {**sample, "inputs": moved(sample["inputs"], int(down), int(right))}


@TRANSFORMS.register_module()
class Views:
    """Makes several views of a sample, each moved by up to a pixel: every field becomes a list.

    Args:
        moves: (down, right) of each view.
    """

    def __init__(self, moves: Sequence[tuple[int, int]]) -> None:
        self.moves = moves

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        return {
            "inputs": [moved(sample["inputs"], down, right) for down, right in self.moves],
            "labels": [sample["labels"]] * len(self.moves),
        }


@MODELS.register_module()
class Perceptron(BaseModel):
    """Two layers that see every pixel by itself.

    Args:
        width: units between them.
    """

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(SIDE**2, width), nn.ReLU(), nn.Linear(width, 10)
        )

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        """Return the loss, or the scores, for each picture a dict if predictions are wanted."""
        scores = self.layers(inputs)  # (N, 10)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        if mode == "predict":
            pairs = zip(scores.softmax(dim=1), labels, strict=True)
            return [{"pred_score": score, "gt_label": label} for score, label in pairs]
        return scores


@MODELS.register_module()
class MeanOfScores(BaseTTAModel):
    """Predicts the mean of what was predicted for each view."""

    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        """Return a prediction for each picture, of those for its V views."""
        merged = []
        for views in data_samples_list:
            scores = torch.stack([view["pred_score"] for view in views])  # (V, 10)
            merged.append({**views[0], "pred_score": scores.mean(dim=0)})
        return merged
