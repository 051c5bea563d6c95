"""TensorBoard, read back through its own EventAccumulator."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from backend_contract import BackendContract, Recorded
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine_visual.backends import BaseVisBackend, TensorboardVisBackend


def events(path: Path) -> EventAccumulator:
    """What a folder or one of its files holds."""
    found = EventAccumulator(str(path), size_guidance={"scalars": 0, "images": 0})
    found.Reload()
    return found


class TestTensorboard(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> TensorboardVisBackend:
        return TensorboardVisBackend(str(folder), **{"strict": True, **kwargs})

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        found = Recorded()
        # files of one second are sorted by their names, and the tenth comes before the ninth
        for path in sorted(folder.glob("events.*"), key=lambda path: path.stat().st_mtime_ns):
            there = events(path)
            tags = there.Tags()
            for name in tags["scalars"]:
                points = [(event.step, event.value) for event in there.Scalars(name)]
                found.scalars.setdefault(name, []).extend(points)
            for name in tags["images"]:
                for event in there.Images(name):
                    png = Image.open(io.BytesIO(event.encoded_image_string))
                    found.images[name, event.step] = np.asarray(png)
            if "config/text_summary" in tags["tensors"]:
                tensor = there.Tensors("config/text_summary")[0].tensor_proto
                found.config = tensor.string_val[0].decode()
        return found

    def test_a_graph_comes_back(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
        backend.add_graph(model, torch.zeros(2, 4))
        backend.close()
        operations = {node.op for node in events(tmp_path).Graph().node}
        assert "aten::linear" in operations
        assert "aten::relu" in operations

    def test_the_writer_does_what_the_back_end_does_not(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.experiment.add_histogram("weights", torch.arange(10.0), 3)
        backend.close()
        assert events(tmp_path).Tags()["histograms"] == ["weights"]
