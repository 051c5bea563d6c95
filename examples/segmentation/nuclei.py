"""Nuclei of cells under a microscope: data, a small U-Net, and a look at what it finds."""

# Dimension names used in this file: N pictures, H and W pixels.
from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset

from engine_dataset import Compose
from engine_registry import DATASETS, HOOKS, MODELS, TRANSFORMS
from engine_runner import BaseModel, Hook

HELP = "pip install --no-deps stardist==0.9.2 brings them; or give another folder as data_root"


def pictures_folder() -> Path:
    """Return the folder of the pictures that the package stardist carries.

    Raises:
        FileNotFoundError: it isn't installed.
    """
    found = find_spec("stardist")
    if found is None or found.origin is None:
        raise FileNotFoundError(f"there are no pictures: {HELP}")
    return Path(found.origin).parent / "data" / "images"


@DATASETS.register_module()
class Nuclei(Dataset):
    """Squares of one fluorescence picture of 512 x 512 pixels, and what of them is nucleus.

    A sample has ``inputs`` (1, size, size), of mean 0 and deviation 1, and ``labels`` (size, size),
    1 in a nucleus. The left three quarters are for training, the right quarter is for validation.

    Args:
        train: which part.
        size: side of a square, in pixels; training squares overlap by half.
        data_root: the folder of ``img2d.tif`` and ``mask2d.tif``; by default the package's.
        pipeline: transforms of a sample.
    """

    metainfo: ClassVar = {"classes": ["background", "nucleus"]}

    def __init__(
        self,
        train: bool,
        size: int = 64,
        data_root: str | None = None,
        pipeline: Sequence[dict[str, Any]] = (),
    ) -> None:
        folder = Path(data_root) if data_root is not None else pictures_folder()
        picture = _pixels(folder / "img2d.tif").astype(np.float32)
        self.picture = torch.from_numpy((picture - picture.mean()) / picture.std())
        self.labels = torch.from_numpy(_pixels(folder / "mask2d.tif").astype(np.int64)).sign()
        height, width = self.picture.shape
        edge = width * 3 // 4
        first, last, step = (0, edge, size // 2) if train else (edge, width, size)
        self.corners = [
            (top, left)
            for top in range(0, height - size + 1, step)
            for left in range(first, last - size + 1, step)
        ]
        self.size, self.pipeline = size, Compose(pipeline)

    def __len__(self) -> int:
        return len(self.corners)

    def __getitem__(self, index: int) -> dict[str, Any]:
        top, left = self.corners[index]
        part = (slice(top, top + self.size), slice(left, left + self.size))
        return self.pipeline({"inputs": self.picture[part][None], "labels": self.labels[part]})


def _pixels(path: Path) -> np.ndarray:
    if not path.is_file():
        raise FileNotFoundError(f"{path} isn't there: {HELP}")
    return np.asarray(Image.open(path))


@TRANSFORMS.register_module()
class TurnAndMirror:
    """Turns picture and labels by a multiple of 90 degrees, and mirrors half of them."""

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        turns, mirrors = np.random.randint(4), np.random.rand() < 0.5
        for key in ("inputs", "labels"):
            turned = torch.rot90(sample[key], int(turns), (-2, -1))
            sample[key] = turned.flip(-1) if mirrors else turned
        return sample


def _convolutions(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


@MODELS.register_module()
class SmallUNet(BaseModel):
    """A U-Net (Ronneberger et al., arXiv:1505.04597) of three levels.

    Args:
        num_classes: scores for each pixel.
        width: channels of the first level; each next one has twice as many.
    """

    def __init__(self, num_classes: int = 2, width: int = 12) -> None:
        super().__init__()
        self.down = nn.ModuleList([_convolutions(1, width), _convolutions(width, 2 * width)])
        self.bottom = _convolutions(2 * width, 4 * width)
        self.up = nn.ModuleList(
            [_convolutions(6 * width, 2 * width), _convolutions(3 * width, width)]
        )
        self.classifier = nn.Conv2d(width, num_classes, 1)

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        """Return the loss, a dict for each picture, or the scores, as ``mode`` says."""
        x, skipped = inputs, []
        for level in self.down:
            skipped.append(level(x))
            x = functional.max_pool2d(skipped[-1], 2)
        x = self.bottom(x)
        for level, beside in zip(self.up, reversed(skipped), strict=True):
            x = level(torch.cat([functional.interpolate(x, scale_factor=2), beside], dim=1))
        scores = self.classifier(x)  # (N, 2, H, W)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        if mode == "predict":
            found = scores.argmax(dim=1)  # (N, H, W)
            return [
                {"pred": each, "labels": label, "inputs": picture}
                for each, label, picture in zip(found, labels, inputs, strict=True)
            ]
        return scores


@HOOKS.register_module()
class ShowNuclei(Hook):
    """Shows the first pictures of each validation, with what was found in colour.

    Args:
        number: so many pictures, side by side.
    """

    priority = "BELOW_NORMAL"

    def __init__(self, number: int = 6) -> None:
        self.number = number

    def after_val_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Show those of the first batch."""
        if batch_idx:
            return
        shown = outputs[: self.number]
        pixels = torch.cat([each["inputs"][0] for each in shown], dim=1).numpy()
        pixels = np.clip(pixels * 60 + 60, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
        found = torch.cat([each["pred"] for each in shown], dim=1).numpy().astype(bool)
        drawn = runner.visualizer
        drawn.set_image(pixels.repeat(3, axis=0).repeat(3, axis=1))
        mask = found.repeat(3, axis=0).repeat(3, axis=1)
        drawn.draw_binary_masks(mask, colors="lime", alphas=0.4)
        drawn.add_image("nuclei", drawn.get_image(), step=runner.epoch)
