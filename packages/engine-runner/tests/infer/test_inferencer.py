"""Predictions with any config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine_model import BaseTTAModel
from engine_registry import INFERENCERS
from engine_runner.infer import Inferencer, InputError
from engine_structures import BaseDataElement, InstanceData


class Boxes(nn.Module):
    """Finds a box in every image, however dark it is."""

    def test_step(self, data: Any) -> list[BaseDataElement]:
        found = []
        for sample in data["data_samples"]:
            box = InstanceData(bboxes=torch.tensor([[1.0, 1.0, 5.0, 4.0]]))
            box.labels, box.scores = torch.tensor([0]), torch.tensor([0.9])
            found.append(BaseDataElement(metainfo=sample.metainfo, pred_instances=box))
        return found


class PackImage:
    """What `Boxes` takes."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        image = torch.from_numpy(data["img"]).permute(2, 0, 1)
        return {"inputs": image, "data_samples": BaseDataElement(metainfo={"img_shape": (6, 8)})}


class Views:
    """The input, and twice the input."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputs": [data["inputs"], 2 * data["inputs"]]}


class MeanOfViews(BaseTTAModel):
    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        return [torch.stack(views).mean() for views in data_samples_list]


@pytest.fixture
def boxes() -> dict[str, Any]:
    """The config of a model that finds boxes in images."""
    return {
        "model": {"type": Boxes},
        "visualizer": {"type": "Visualizer"},
        "test_dataloader": {"dataset": {"pipeline": [{"type": PackImage}]}},
    }


def test_files_go_through_the_pipeline_of_the_test_data(
    sums: Any, weights: str, arrays: Path
) -> None:
    inferencer = Inferencer(sums, weights)
    assert inferencer(str(arrays)) == {
        "predictions": [4.0, 8.0, 12.0],
        "visualization": [None, None, None],
    }


def test_arrays_tensors_and_samples_are_inputs_too(sums: Any, weights: str) -> None:
    inferencer = Inferencer(sums, weights)
    inputs = [np.ones(2), {"img": np.ones(3)}]
    assert inferencer(inputs)["predictions"] == [4.0, 6.0]


def test_without_a_pipeline_inputs_are_the_models(sums: Any, weights: str) -> None:
    inferencer = Inferencer({"model": sums["model"]}, weights)
    assert inferencer(torch.ones(2))["predictions"] == [4.0]
    with pytest.raises(InputError, match="would read a file") as failure:
        inferencer("a.npy")
    assert failure.value.__notes__ == ["in the input a.npy"]


def test_the_size_of_a_batch_changes_nothing(sums: Any, weights: str, arrays: Path) -> None:
    inferencer = Inferencer(sums, weights)
    assert inferencer(str(arrays), batch_size=1) == inferencer(str(arrays), batch_size=4)
    assert inferencer.model.sizes == [1, 1, 1, 3]


def test_results_come_one_by_one(sums: Any, weights: str, arrays: Path) -> None:
    inferencer = Inferencer(sums, weights)
    results = inferencer.results(str(arrays))
    first = next(results)
    assert (Path(first.name).name, first.prediction) == ("1.npy", 4.0)
    assert inferencer.model.sizes == [1]
    assert [each.prediction for each in results] == [8.0, 12.0]


def test_results_are_written(sums: Any, weights: str, arrays: Path, tmp_path: Path) -> None:
    Inferencer(sums, weights)(str(arrays), out_dir=tmp_path / "out")
    lines = (tmp_path / "out" / "predictions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"input": str(arrays / f"{number}.npy"), "prediction": 4.0 * number} for number in (1, 2, 3)
    ]


def test_classes_have_the_names_of_the_training(sums: Any, weights: str) -> None:
    (result,) = Inferencer(sums, weights).results([np.ones(2)])
    assert result.classes == ["none", "one"]
    sums["test_dataloader"]["dataset"]["metainfo"] = {"CLASSES": ["a"]}
    with pytest.warns(UserWarning, match="no weights"):
        untrained = Inferencer(sums)
    (result,) = untrained.results([np.ones(2)])
    assert result.classes == ["a"]


@pytest.mark.filterwarnings("ignore:there are no weights")
def test_data_elements_are_drawn(boxes: Any, tmp_path: Path) -> None:
    image = np.zeros((6, 8, 3), np.uint8)
    inferencer = Inferencer(boxes)
    assert inferencer(image)["visualization"] == [None]
    found = inferencer(image, out_dir=tmp_path)
    (drawing,) = found["visualization"]
    assert drawing.shape == (6, 8, 3) and drawing.any()
    (line,) = (tmp_path / "predictions.jsonl").read_text("utf-8").splitlines()
    assert Path(json.loads(line)["picture"]).is_file()
    assert found["predictions"][0]["pred_instances"]["labels"] == [0]


@pytest.mark.filterwarnings("ignore:there are no weights")
def test_boxes_of_a_low_score_are_not_drawn(boxes: Any, tmp_path: Path) -> None:
    image = np.zeros((6, 8, 3), np.uint8)
    found = Inferencer(boxes)(image, out_dir=tmp_path, pred_score_thr=0.95)
    assert not found["visualization"][0].any()


@pytest.mark.filterwarnings("ignore:there are no weights")
def test_predictions_may_stay_objects(boxes: Any) -> None:
    (found,) = Inferencer(boxes)(np.zeros((6, 8, 3), np.uint8), return_datasamples=True)[
        "predictions"
    ]
    assert isinstance(found, BaseDataElement)


def test_several_views_are_merged(sums: Any, weights: str, arrays: Path) -> None:
    pipeline = [*sums["test_dataloader"]["dataset"]["pipeline"], {"type": Views}]
    cfg = {**sums, "tta_pipeline": pipeline, "tta_model": {"type": MeanOfViews}}
    found = Inferencer(cfg, weights, tta=True)(str(arrays), batch_size=2)
    assert found["predictions"] == [6.0, 12.0, 18.0]
    with pytest.raises(KeyError, match="needs 'tta_model'"):
        Inferencer(sums, weights, tta=True)


def test_half_precision_of_the_test_holds(weights: str, tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 1).state_dict(), tmp_path / "net.pth")
    model = {"type": nn.Linear, "in_features": 2, "out_features": 1}
    for cfg, dtype in (({}, torch.float32), ({"test_cfg": {"fp16": True}}, torch.bfloat16)):
        inferencer = Inferencer({"model": model, **cfg}, str(tmp_path / "net.pth"), "cpu")
        (found,) = inferencer(torch.ones(2), return_datasamples=True)["predictions"]
        assert found.dtype == dtype


def test_a_plain_module_with_a_loss_predicts_without_targets(tmp_path: Path) -> None:
    net = nn.Linear(2, 1)
    torch.save(net.state_dict(), tmp_path / "net.pth")
    cfg = {"model": {"type": nn.Linear, "in_features": 2, "out_features": 1}}
    inferencer = Inferencer({**cfg, "loss": nn.functional.mse_loss}, str(tmp_path / "net.pth"))
    found = inferencer([np.ones(2, np.float32), torch.zeros(2)], batch_size=2)["predictions"]
    wanted = net(torch.tensor([[1.0, 1.0], [0.0, 0.0]])).detach()
    assert np.allclose(found, wanted, rtol=1e-6, atol=0)


def test_a_model_that_predicts_too_little_is_told(sums: Any, weights: str) -> None:
    inferencer = Inferencer(sums, weights)
    inferencer.model.test_step = lambda data: []
    with pytest.raises(ValueError, match="predicted 0 times for 1 inputs"):
        inferencer(np.ones(2))


def test_an_unknown_argument_is_told(sums: Any, weights: str) -> None:
    with pytest.raises(ValueError, match="no argument 'outdir'; close names: out_dir"):
        Inferencer(sums, weights)(np.ones(2), outdir="out")


def test_it_is_registered() -> None:
    assert INFERENCERS.get("Inferencer") is Inferencer
