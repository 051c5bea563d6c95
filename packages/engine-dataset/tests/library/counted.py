"""Data sets that note each loading of their annotations, importable by other processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from engine_dataset import BaseDataset


class Counted(BaseDataset):
    """Adds a line to a file beside the annotations whenever it loads them."""

    def load_data_list(self) -> list[dict[str, Any]]:
        with Path(f"{self.ann_file}.loads").open("a") as file:
            file.write("loaded\n")
        found = super().load_data_list()
        self.by_label = {each["label"]: each["img_path"] for each in found}
        return found


class Typed(BaseDataset):
    """Annotations of types that JSON lacks."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [
            {"size": (3, 4), "box": np.arange(4.0, dtype=np.float32).reshape(1, 4), 7: {1, 2}}
            for _ in range(3)
        ]


def write(folder: Path, count: int = 3) -> str:
    """Write an annotation file; its path."""
    listed = [{"img_path": f"{i}.jpg", "label": i} for i in range(count)]
    path = folder / "ann.json"
    path.write_text(json.dumps({"metainfo": {"task": "toy"}, "data_list": listed}), "utf-8")
    return str(path)


def first_of(ann_file: str, folder: str) -> dict[str, Any]:
    """What another process reads."""
    return dict(Counted(ann_file=ann_file, serialize_data="mmap", index_dir=folder)[0])
