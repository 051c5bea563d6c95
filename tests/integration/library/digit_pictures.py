"""Pictures of digits: a folder of files to train with and to predict for; for configs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from digits import pixels_and_labels
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from engine_fileio import get
from engine_model import BaseTTAModel
from engine_registry import DATASETS, MODELS, TRANSFORMS
from engine_runner import BaseDataset, BaseModel


@DATASETS.register_module()
class DigitFiles(BaseDataset):
    """The pictures in a folder, each called after its number and its digit, such as 700_3.png."""

    def load_data_list(self) -> list[dict[str, Any]]:
        files = sorted(Path(str(self.data_root)).glob("*.png"))
        return [{"img_path": str(file), "label": int(file.stem.split("_")[1])} for file in files]


@TRANSFORMS.register_module()
class ReadDigit:
    """Reads a picture, from a file or an address: (1, 8, 8) in [0, 1]."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Tensor]:
        with Image.open(BytesIO(get(data["img_path"]))) as image:
            pixels = np.asarray(image.convert("L"), np.float32) / 255
        label = {"labels": torch.tensor(data["label"])} if "label" in data else {}
        return {"inputs": torch.from_numpy(pixels)[None], **label}


@TRANSFORMS.register_module()
class Moved:
    """Views: the picture, and the picture moved by a pixel to each side."""

    def __call__(self, data: dict[str, Tensor]) -> dict[str, list[Tensor]]:
        return {"inputs": [torch.roll(data["inputs"], by, dims=-1) for by in (0, 1, -1)]}


@MODELS.register_module()
class PictureNet(BaseModel):
    """A convolution and a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(128, 10)

    def forward(self, inputs: Tensor, labels: Tensor | None = None, mode: str = "tensor") -> Any:
        scores = self.head(self.features(inputs).flatten(1))  # (N, 10)
        if mode == "loss":
            return {"loss": cross_entropy(scores, labels)}
        return scores.softmax(dim=1)


@MODELS.register_module()
class MeanOfViews(BaseTTAModel):
    """The mean of the scores of all views."""

    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        return [torch.stack(views).mean(dim=0) for views in data_samples_list]


def write_digits(folder: Path, numbers: range) -> list[Path]:
    """Write digits as PNG files that `DigitFiles` reads, and return the files by name."""
    pixels, labels = pixels_and_labels()
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        image = Image.fromarray((pixels[number, 0] * 255).round().byte().numpy())
        image.save(folder / f"{number}_{labels[number]}.png")
    return sorted(folder.iterdir())
