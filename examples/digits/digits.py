"""Handwritten digits: data, a network, a metric, and a look at what it predicts."""

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
from engine_registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS
from engine_runner import BaseMetric, BaseModel, Hook

NUM_TRAIN = 1437  # of 1,797; the rest is for validation, as scikit-learn's own example splits them


@DATASETS.register_module()
class Digits(Dataset):
    """Scikit-learn's 1,797 images of 8 x 8 pixels, as ``inputs`` (1, 8, 8) in [0, 1], ``labels``.

    Args:
        train: whether to take the first 1,437 images, or the others.
        pipeline: transforms of a sample.
    """

    metainfo: ClassVar = {"classes": [str(digit) for digit in range(10)]}

    def __init__(self, train: bool, pipeline: Sequence[dict[str, Any]] = ()) -> None:
        data = load_digits()
        part = slice(NUM_TRAIN) if train else slice(NUM_TRAIN, None)
        self.images = torch.tensor(data.images[part], dtype=torch.float32)[:, None] / 16
        self.labels = data.target[part].tolist()
        self.pipeline = Compose(pipeline)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.pipeline({"inputs": self.images[index], "labels": self.labels[index]})


@TRANSFORMS.register_module()
class Shift:
    """Moves the image by up to a pixel in each direction.

    Args:
        prob: how often.
    """

    def __init__(self, prob: float) -> None:
        self.prob = prob

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        if np.random.rand() < self.prob:
            padded = functional.pad(sample["inputs"], (1, 1, 1, 1))
            row, column = np.random.randint(0, 3, size=2)
            sample["inputs"] = padded[:, row : row + 8, column : column + 8]
        return sample


@MODELS.register_module()
class DigitNet(BaseModel):
    """Two convolutions and a linear layer.

    Args:
        width: channels of the first convolution.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(8 * width, 10)

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        """Return the loss, or a dict for each image, as ``mode`` says."""
        scores = self.classifier(self.features(inputs))  # (N, 10)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        if mode == "predict":
            predictions = scores.argmax(dim=1).tolist()
            return [
                {"prediction": prediction, "label": label, "image": image}
                for prediction, label, image in zip(
                    predictions, labels.tolist(), inputs, strict=True
                )
            ]
        return scores


@METRICS.register_module()
class Accuracy(BaseMetric):
    """The part of images, in percent, whose class was predicted."""

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Note which predictions are right."""
        self.results += [sample["prediction"] == sample["label"] for sample in data_samples]

    def compute_metrics(self, results: list[bool]) -> dict[str, float]:
        """Return the part of them."""
        return {"accuracy": 100 * sum(results) / len(results)}


@HOOKS.register_module()
class ShowPredictions(Hook):
    """Draws the first images of each validation, wrong predictions in red.

    Args:
        rows: rows of images.
        columns: images in a row.
    """

    priority = "BELOW_NORMAL"

    def __init__(self, rows: int = 4, columns: int = 12) -> None:
        self.rows, self.columns = rows, columns

    def after_val_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Draw the first batch."""
        if batch_idx:
            return
        size, samples = 56, outputs[: self.rows * self.columns]
        page = np.full((self.rows * size, self.columns * size, 3), 255, dtype=np.uint8)
        for index, sample in enumerate(samples):
            row, column = divmod(index, self.columns)
            pixels = 255 - (sample["image"][0].numpy() * 255).astype(np.uint8)
            digit = np.kron(pixels, np.ones((5, 5), np.uint8))  # (40, 40)
            top, left = row * size + 14, column * size + 14
            page[top : top + 40, left : left + 40] = digit[..., None]
        drawn = runner.visualizer
        drawn.set_image(page)
        for index, sample in enumerate(samples):
            row, column = divmod(index, self.columns)
            right = sample["prediction"] == sample["label"]
            drawn.draw_texts(
                str(sample["prediction"]),
                np.array([[column * size + 2, row * size + 1]]),
                font_sizes=13,
                colors="green" if right else "red",
            )
        runner.visualizer.add_image("predictions", drawn.get_image(), step=runner.epoch)
