"""Fashion-MNIST (Xiao et al., arXiv:1708.07747): 70,000 pictures of clothes, a small network."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine_registry import DATASETS, METRICS, MODELS, TRANSFORMS
from engine_runner import BaseDataset, BaseMetric, BaseModel

CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
HELP = (
    "Debian and Ubuntu have the files: apt install dataset-fashion-mnist. Elsewhere, download the "
    "four from https://github.com/zalandoresearch/fashion-mnist and give their folder as data_root "
    "in the config"
)


def read_idx(path: Path) -> np.ndarray:
    """Return the array of an IDX file, the format of MNIST, packed with gzip or not.

    Raises:
        FileNotFoundError: there is neither.
        ValueError: it is no IDX file of bytes.
    """
    packed = path.with_name(f"{path.name}.gz")
    if packed.is_file():
        data = gzip.decompress(packed.read_bytes())
    elif path.is_file():
        data = path.read_bytes()
    else:
        raise FileNotFoundError(f"there is neither {packed} nor {path.name}. {HELP}")
    if data[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path} is no IDX file of bytes")
    dims = data[3]
    shape = np.frombuffer(data, dtype=">i4", count=dims, offset=4)
    return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * dims).reshape(shape)


@DATASETS.register_module()
class FashionMNIST(BaseDataset):
    """The pictures, as ``inputs`` (1, 28, 28) in [0, 1], and ``labels``.

    Args:
        data_root: the folder of the IDX files.
        train: whether to take the 60,000 training pictures, or the 10,000 of the test.
        kwargs: of `BaseDataset`.
    """

    METAINFO: ClassVar = {"classes": CLASSES}

    def __init__(self, data_root: str, train: bool = True, **kwargs: Any) -> None:
        self.train = train
        super().__init__(data_root=data_root, data_prefix={}, test_mode=not train, **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Return the label of each picture; the pixels stay in one array."""
        part, folder = "train" if self.train else "t10k", Path(self.data_root)
        self.images = torch.from_numpy(read_idx(folder / f"{part}-images-idx3-ubyte").copy())
        labels = read_idx(folder / f"{part}-labels-idx1-ubyte")
        return [{"index": index, "labels": int(label)} for index, label in enumerate(labels)]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return the picture with its label."""
        info = super().get_data_info(idx)
        return {"inputs": self.images[info["index"]][None].float() / 255, "labels": info["labels"]}


@TRANSFORMS.register_module()
class Flip:
    """Mirrors a picture.

    Args:
        prob: how often.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        if np.random.rand() < self.prob:
            sample["inputs"] = sample["inputs"].flip(-1)
        return sample


@MODELS.register_module()
class SmallCNN(BaseModel):
    """Two convolutions and two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 64),
            nn.ReLU(),
            nn.Linear(64, len(CLASSES)),
        )

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        """Return the loss, or a pair for each picture, as ``mode`` says."""
        scores = self.network(inputs)  # (N, 10)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        if mode == "predict":
            return list(zip(scores.argmax(dim=1).tolist(), labels.tolist(), strict=True))
        return scores


@METRICS.register_module()
class ClassAccuracy(BaseMetric):
    """The part of pictures, in percent, whose class was predicted: of all, of the worst class."""

    def process(self, data_batch: Any, data_samples: Sequence[tuple[int, int]]) -> None:
        """Note label and prediction."""
        self.results += data_samples

    def compute_metrics(self, results: list[tuple[int, int]]) -> dict[str, float]:
        """Return both numbers."""
        predictions, labels = np.array(results).T
        right = predictions == labels
        classes = [100 * right[labels == each].mean() for each in np.unique(labels)]
        return {"accuracy": float(100 * right.mean()), "worst_class": float(min(classes))}
