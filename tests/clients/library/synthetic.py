"""A data set of random pictures in ten classes, each class with a colour of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS


@DATASETS.register_module()
class Synthetic(BaseDataset):
    """``num_images`` pictures (32, 32, 3) of uint8, the same ones every time."""

    METAINFO = {"classes": [str(label) for label in range(10)]}  # noqa: RUF012

    def __init__(self, num_images: int = 16, **kwargs: Any) -> None:
        self.num_images = num_images
        super().__init__(ann_file="", **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Draw them."""
        random = np.random.default_rng(0)
        noise = random.integers(0, 100, (self.num_images, 32, 32, 3), dtype=np.uint8)
        colours = np.random.default_rng(1).integers(0, 155, (10, 3), dtype=np.uint8)
        labels = [index % 10 for index in range(self.num_images)]
        return [
            {"img": image + colours[label], "gt_label": label}
            for image, label in zip(noise, labels, strict=True)
        ]
