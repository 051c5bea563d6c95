"""Models of several libraries as ONNX and as programs of torch.export, run by these."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor, nn

from engine_config import Config
from engine_model import BaseDataPreprocessor, BaseModel
from engine_registry import MODELS
from engine_runner.cli import main
from engine_runner.export import ExportError, export_model

pytestmark = pytest.mark.usefixtures("torchvision_imports")
EXAMPLES = Path(__file__).parents[2] / "examples"


def config(model: Any, samples: list[Any], **more: Any) -> Config:
    loader = {
        "batch_size": len(samples),
        "dataset": samples,
        "sampler": {"type": "DefaultSampler", "shuffle": False},
        "collate_fn": {"type": "default_collate"},
    }
    return Config({"model": model, "test_dataloader": loader, **more})


def run_by_onnxruntime(path: Path, *inputs: Tensor) -> list[np.ndarray]:
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime")
    session = onnxruntime.InferenceSession(path)
    names = [each.name for each in session.get_inputs()]
    given = {name: each.numpy() for name, each in zip(names, inputs, strict=True)}
    found: list[np.ndarray] = session.run(None, given)
    return found


def images(size: int, number: int = 2) -> list[Any]:
    generator = torch.Generator().manual_seed(0)
    return [(torch.randn(3, size, size, generator=generator), i) for i in range(number)]


@pytest.mark.parametrize(
    ("model", "to"),
    [
        ({"type": "torchvision.models.resnet18", "num_classes": 7}, "torch"),
        (
            {"type": "timm.create_model", "model_name": "vit_tiny_patch16_224", "img_size": 64},
            "onnx",
        ),
    ],
    ids=["torchvision", "timm"],
)
def test_models_of_libraries_compute_the_same(
    model: dict[str, Any], to: str, tmp_path: Path
) -> None:
    pytest.importorskip(model["type"].partition(".")[0], reason="its models")
    cfg = config(model, images(64), loss={"type": "torch.nn.CrossEntropyLoss"})
    with pytest.warns(UserWarning, match="there are no weights"):
        report = export_model(cfg, None, tmp_path / f"model.{to}", to=to)
    (sizes,) = report.inputs.values()
    assert sizes == ("batch", 3, 64, 64)
    assert report.batch_sizes == [2, 3]
    assert report.difference < 1e-3 * report.magnitude
    assert [each.name for each in tmp_path.iterdir()] == [f"model.{to}"]


def test_a_transformer_takes_batches_and_lengths_of_other_sizes(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="its models")
    model = {"type": "transformers.BertForSequenceClassification", "config": tiny_bert()}
    ids = torch.arange(24).reshape(2, 12)
    samples = [{"input_ids": each, "attention_mask": torch.ones(12).long()} for each in ids]
    sizes = {name: {0: "batch", 1: "length"} for name in samples[0]}
    cfg = config(model, samples)
    with pytest.warns(UserWarning, match="there are no weights"):
        report = export_model(cfg, None, tmp_path / "bert.onnx", dynamic=sizes)
    assert report.inputs == dict.fromkeys(samples[0], ("batch", "length"))
    assert report.outputs == ["logits"]
    longer = torch.zeros(5, 20).long()
    (logits,) = run_by_onnxruntime(tmp_path / "bert.onnx", longer, torch.ones(5, 20).long())
    assert logits.shape == (5, 2)


def tiny_bert() -> Any:
    transformers = pytest.importorskip("transformers", reason="its models")
    return transformers.BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )


def test_the_segmentation_example_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime")
    folder = Path(shutil.copytree(EXAMPLES / "segmentation", tmp_path / "segmentation"))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    cfg = Config.fromfile(folder / "config.py")
    model = MODELS.build({**cfg.model})
    torch.save({"state_dict": model.state_dict()}, "unet.pth")
    sizes = ["--dynamic", "inputs.0=batch", "--dynamic", "inputs.2=height"]
    done = CliRunner().invoke(main, ["export", "config.py", "unet.pth", "unet.onnx", *sizes])
    assert done.exit_code == 0, done.output
    assert "input    inputs (batch, 1, height, " in done.output
    assert "differs  by at most" in done.output


class Tiny(BaseModel):
    """A layer on normalised inputs, with ways to go wrong."""

    def __init__(self) -> None:
        super().__init__(Halve())
        self.layer = nn.Linear(4, 2)
        self.calls = 0

    def forward(self, inputs: Tensor, labels: Any = None, mode: str = "tensor") -> Any:
        return self.layer(inputs)

    def scores(self, inputs: Tensor, labels: Any = None) -> dict[str, Any]:
        return {"score": self.layer(inputs).softmax(dim=1), "parts": [inputs * 2, inputs * 3]}

    def texts(self, inputs: Tensor, labels: Any = None) -> list[str]:
        return ["a text"]

    def counts(self, inputs: Tensor, labels: Any = None) -> Tensor:
        self.calls += 1
        return inputs + self.calls

    def odd(self, inputs: Tensor, labels: Any = None) -> dict[str, Tensor]:
        return {"masked": inputs.log(), "empty": inputs[:, :0]}


class Halve(BaseDataPreprocessor):
    """Halves what it gets."""

    def forward(self, data: Any, training: bool = False) -> Any:
        return {**data, "inputs": data["inputs"] / 2}


@pytest.fixture
def tiny() -> Config:
    MODELS.register_module(name="exported.Tiny", module=Tiny, force=True)
    samples = [{"inputs": torch.arange(4.0) + i, "labels": i} for i in range(2)]
    return config({"type": "exported.Tiny"}, samples)


@pytest.mark.filterwarnings("ignore:there are no weights")
@pytest.mark.parametrize("to", ["onnx", "torch"])
def test_the_preprocessor_may_be_inside(tiny: Config, to: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny"
    outside = export_model(tiny, None, path, to=to, method="scores")
    inside = export_model(tiny, None, path, to=to, method="scores", preprocess=True, dynamic={})
    assert outside.outputs == inside.outputs == ["score", "parts_0", "parts_1"]
    assert outside.magnitude == pytest.approx(6.0) and inside.magnitude == pytest.approx(6.0)
    assert outside.inputs == {"inputs": ("batch", 4)} and inside.inputs == {"inputs": (2, 4)}
    given = torch.full((2, 4), 2.0)
    if to == "onnx":
        found = run_by_onnxruntime(path, given)[1]
    else:
        found = torch.export.load(path).module()(given)["parts"][0].numpy()
    assert found == pytest.approx(np.full((2, 4), 2.0))


@pytest.mark.filterwarnings("ignore:there are no weights")
def test_infinities_and_tensors_without_elements_are_compared(tiny: Config, tmp_path: Path) -> None:
    report = export_model(tiny, None, tmp_path / "tiny.pt2", method="odd")
    assert report.outputs == ["masked", "empty"]
    assert report.difference == 0 and report.magnitude == pytest.approx(np.log(2))


@pytest.mark.filterwarnings("ignore:there are no weights")
@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"method": "texts"}, r"Tiny.texts returns str \(\[0\]\)"),
        ({"method": "counts"}, "computes another thing than the model"),
        ({"method": "votes"}, "Tiny has no method 'votes'"),
        ({"dynamic": {"images": {0: "n"}}}, "no input is called 'images'; there are inputs"),
        ({"dynamic": {"inputs": {2: "n"}}}, "inputs has 2 dimensions, and none numbered 2"),
    ],
)
def test_what_is_no_program_is_told_and_nothing_is_written(
    tiny: Config, how: dict[str, Any], what: str, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=what):
        export_model(tiny, None, tmp_path / "tiny.pt2", **how)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("other", "told"), [({}, "missing keys"), ({"layer.weight": torch.ones(3, 4)}, "size mismatch")]
)
def test_a_model_without_all_of_its_weights_is_refused(
    tiny: Config, other: dict[str, Tensor], told: str, tmp_path: Path
) -> None:
    torch.save({"layer.bias": torch.ones(2), **other}, tmp_path / "weights.pth")
    with pytest.raises(ExportError, match=rf"the config the one that was trained.*\n.*{told}"):
        export_model(tiny, str(tmp_path / "weights.pth"), tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


def test_a_format_that_is_none_is_refused(tiny: Config, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tiny.tflite: the format is onnx or torch"):
        export_model(tiny, None, tmp_path / "tiny.tflite")
