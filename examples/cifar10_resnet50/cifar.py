"""torchvision's ResNet-50 and CIFAR-10, as a first training: a model, a metric, two loaders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torchvision
from torch import Tensor
from torch.nn import functional
from torchvision import transforms

from engine_registry import DATASETS, METRICS, MODELS
from engine_runner import BaseMetric, BaseModel

NORM = {"mean": [0.491, 0.482, 0.447], "std": [0.202, 0.199, 0.201]}
TRAIN = transforms.Compose(
    [
        transforms.RandomCrop(32, padding=4),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(**NORM),
    ]
)
TEST = transforms.Compose([transforms.ToTensor(), transforms.Normalize(**NORM)])


@DATASETS.register_module()
def CIFAR10(root: str, train: bool, download: bool = True) -> Any:
    """Return CIFAR-10, downloaded to ``root`` if it isn't there."""
    transform = TRAIN if train else TEST
    return torchvision.datasets.CIFAR10(root, train=train, download=download, transform=transform)


@DATASETS.register_module()
def RandomImages(size: int, train: bool) -> Any:
    """Return random images in CIFAR-10's shape, to see the training run without the data."""
    transform = TRAIN if train else TEST
    return torchvision.datasets.FakeData(size, (3, 32, 32), num_classes=10, transform=transform)


@MODELS.register_module()
class ResNet50(BaseModel):
    """torchvision's ResNet-50, with a loss."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.resnet = torchvision.models.resnet50(num_classes=num_classes)

    def forward(self, images: Tensor, labels: Tensor, mode: str) -> Any:
        """Return the loss, or scores with labels, as ``mode`` says."""
        scores = self.resnet(images)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        return scores, labels


@METRICS.register_module()
class Accuracy(BaseMetric):
    """The part of images, in percent, whose class was predicted."""

    def process(self, data_batch: Any, data_samples: Sequence[Tensor]) -> None:
        """Count a batch."""
        scores, labels = data_samples
        right = (scores.argmax(dim=1) == labels).sum().item()
        self.results.append({"size": len(labels), "right": right})

    def compute_metrics(self, results: list[dict[str, int]]) -> dict[str, float]:
        """Return the part of them."""
        size = sum(each["size"] for each in results)
        return {"accuracy": 100 * sum(each["right"] for each in results) / size}
