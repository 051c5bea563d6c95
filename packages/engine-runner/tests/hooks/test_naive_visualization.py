"""What a test predicts, drawn with the visualizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset
from toy import QUIET, Count, Line, loader

from engine_runner.hooks import NaiveVisualizationHook
from engine_structures import BaseDataElement, InstanceData

GREEN = (40, 200, 60)


class Scenes(Dataset[Any]):
    """Green pictures of 32 x 40 pixels, padded with black to 48 x 48, with a labelled box."""

    def __init__(self, size: int = 6, *, norm: dict[str, Any] | None, uint8: bool = False) -> None:
        self.size, self.norm, self.uint8 = size, norm, uint8

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> dict[str, Any]:
        pixels = torch.zeros(3, 48, 48)
        pixels[:, :32, :40] = torch.tensor(GREEN).float()[:, None, None]
        facts: dict[str, Any] = {"img_path": f"folder/scene_{index}.png", "img_shape": (32, 40)}
        if self.norm:
            facts["norm_cfg"] = self.norm
            mean, std = (torch.tensor(self.norm[name])[:, None, None] for name in ("mean", "std"))
            pixels = (pixels - mean) / std
        sample = BaseDataElement(metainfo=facts)
        sample.gt_instances = InstanceData(bboxes=torch.tensor([[2.0, 2.0, 12.0, 12.0]]))
        return {"inputs": pixels.byte() if self.uint8 else pixels, "data_samples": sample}


class Finder(Line):
    """Finds the same box in every picture."""

    def forward(self, inputs: Any, data_samples: Any, mode: str = "tensor") -> Any:
        found = []
        for _ in data_samples:
            prediction = BaseDataElement()
            prediction.pred_instances = InstanceData(
                bboxes=torch.tensor([[20.0, 10.0, 35.0, 28.0]]), scores=torch.tensor([0.9])
            )
            found.append(prediction)
        return found


def drawn(toy: Any, hook: NaiveVisualizationHook, **data: Any) -> list[Path]:
    """The pictures that a test leaves."""
    options = {"collate_fn": {"type": "pseudo_collate"}}
    runner = toy(
        model=Finder(),
        test_dataloader=loader(Scenes(**data), **options),
        test_cfg={},
        test_evaluator=Count(),
        default_hooks=QUIET,
        custom_hooks=[hook],
    )
    runner.test()
    runner.visualizer.close()
    return sorted(Path(runner.log_dir).rglob("*.png"))


def pixels_of(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(
    "data",
    [
        {"norm": {"mean": [123.0, 117.0, 104.0], "std": [58.0, 57.0, 57.0]}},
        {"norm": None},
        {"norm": None, "uint8": True},
    ],
)
def test_pictures_show_the_image_the_labels_and_the_predictions(
    toy: Any, data: dict[str, Any]
) -> None:
    paths = drawn(toy, NaiveVisualizationHook(), **data)
    assert [path.name.split(".")[0] for path in paths] == [f"scene_{i}" for i in range(6)]
    picture = pixels_of(paths[0])
    assert picture.shape == (32, 80, 3)  # labels and predictions side by side, without padding
    labelled, predicted = picture[:, :40], picture[:, 40:]
    green = np.array(GREEN)
    assert (labelled[30, 1] == green).all()
    assert (labelled[7, 2] != green).any()  # the left edge of the box
    assert (predicted[7, 2] == green).all()
    assert (predicted[20, 20] != green).any()


def test_only_some_batches_and_only_predictions_where_asked(toy: Any) -> None:
    hook = NaiveVisualizationHook(interval=3, draw_gt=False)
    paths = drawn(toy, hook, norm=None)
    assert len(paths) == 2  # the third batch of two
    assert pixels_of(paths[0]).shape == (32, 40, 3)


@pytest.mark.parametrize("interval", [0, -1])
def test_none_is_drawn_without_an_interval(toy: Any, interval: int) -> None:
    assert drawn(toy, NaiveVisualizationHook(interval=interval), norm=None) == []


def test_samples_in_a_list_are_drawn_too(toy: Any) -> None:
    hook, runner = NaiveVisualizationHook(), toy(default_hooks=QUIET)
    data = Scenes(norm=None)
    batch = [
        {"inputs": each["inputs"], "data_sample": each["data_samples"]}
        for each in (data[0], data[1])
    ]
    outputs = Finder().forward(None, [1, 2])
    hook.after_test_iter(runner, 0, batch, outputs)
    runner.visualizer.close()
    assert len(list(Path(runner.log_dir).rglob("*.png"))) == 2


def test_an_image_may_be_a_batch_of_one(toy: Any) -> None:
    hook, runner, data = NaiveVisualizationHook(), toy(default_hooks=QUIET), Scenes(norm=None)
    samples = [data[i]["data_samples"] for i in range(2)]
    for sample in samples:
        sample.set_metainfo({"img_norm_cfg": {"to_bgr": False}})
    batch = {"inputs": [data[i]["inputs"][None] for i in range(2)], "data_samples": samples}
    hook.after_test_iter(runner, 0, batch, Finder().forward(None, [1, 2]))
    runner.visualizer.close()
    paths = sorted(Path(runner.log_dir).rglob("*.png"))
    plain = drawn(toy, NaiveVisualizationHook(), norm=None)[:2]
    assert [path.name for path in paths] == ["scene_0.png_0.png", "scene_1.png_0.png"]
    for one, other in zip(paths, plain, strict=True):
        assert one != other
        assert np.array_equal(pixels_of(one), pixels_of(other))


def test_a_batch_of_another_form_is_refused(toy: Any) -> None:
    with pytest.raises(TypeError, match=r"dict\(inputs=images, data_samples=...\)"):
        NaiveVisualizationHook().after_test_iter(toy(), 0, torch.ones(2, 3, 4, 4), [1, 2])


def test_a_training_hands_the_model_to_the_visualizer(toy: Any) -> None:
    toy(custom_hooks=[NaiveVisualizationHook()], default_hooks=QUIET).train()
