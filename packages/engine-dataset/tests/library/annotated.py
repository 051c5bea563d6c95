"""Annotated data sets, importable by worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine_dataset import BaseDataset


class Numbered(BaseDataset):
    """``size`` annotations {"value": i}; ``classes`` gives each its class ids."""

    METAINFO = {"classes": ("cat", "dog"), "palette": [1, 2]}  # noqa: RUF012 - as users write it

    def __init__(self, size: int, classes: list[list[int]] | None = None, **kwargs: Any) -> None:
        self.size, self.classes = size, classes
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": i, "img_path": f"images/{i}.png"} for i in range(self.size)]

    def get_cat_ids(self, idx: int) -> list[int]:
        if self.classes is None:
            return super().get_cat_ids(idx)
        return self.classes[self.get_data_info(idx)["value"]]


class Large(BaseDataset):
    """Annotations as of a detection data set: a path and two boxes each."""

    def __init__(self, size: int, **kwargs: Any) -> None:
        self.size = size
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        return [
            {
                "img_path": f"train2017/{i:012d}.jpg",
                "height": 480 + i % 7,
                "width": 640 + i % 5,
                "instances": [
                    {"bbox": [i * 0.5, j * 1.5, i + 10.25, j + 20.75], "bbox_label": (i + j) % 80}
                    for j in range(2)
                ],
            }
            for i in range(self.size)
        ]


class EvenOnly(Numbered):
    """Filters odd values out."""

    def filter_data(self) -> list[dict[str, Any]]:
        return [each for each in self.data_list if each["value"] % self.filter_cfg["step"] == 0]


def refuse_small(data: dict[str, Any]) -> dict[str, Any] | None:
    """A transform that refuses values below 5."""
    return data if data["value"] >= 5 else None


def refuse_all(data: dict[str, Any]) -> None:
    """A transform that refuses everything."""


def fail_at_three(data: dict[str, Any]) -> dict[str, Any]:
    """A transform that can't read value 3."""
    if data["value"] == 3:
        raise OSError("broken picture")
    return data


def private_memory() -> int:
    """Memory of this process in bytes that it shares with nobody."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


class Measured(Large):
    """Sample 0 is this process's private memory, sample 1 what reading all annotations adds."""

    def __getitem__(self, idx: int) -> int:
        before = private_memory()
        if not idx:
            return before
        for index in range(len(self)):
            self.get_data_info(index)
        return private_memory() - before
