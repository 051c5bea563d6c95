"""Models of other libraries, trained as they are: torchvision, timm, transformers, detectron2."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from engine_checkpoint import read_file
from engine_runner import BaseMetric, Runner

pytestmark = pytest.mark.usefixtures("torchvision_imports")

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


class Accuracy(BaseMetric):
    """Percent right; the target stands in the batch."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        target = data_batch["labels"] if isinstance(data_batch, dict) else data_batch[1]
        rows = [row["logits"] if isinstance(row, dict) else row for row in data_samples]
        self.results += (torch.stack(rows).argmax(dim=1).cpu() == target).tolist()

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"accuracy": 100 * float(np.mean(results))}


@pytest.fixture(scope="module")
def digits() -> tuple[Tensor, Tensor]:
    """1,797 digits of 8 x 8 pixels: (N, 1, 8, 8) in [0, 1], and what they are."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    images = torch.from_numpy(found.images).float()[:, None] / 16
    return images, torch.from_numpy(found.target)


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., Runner]:
    """Trains a model on batches, validates, and returns the runner."""

    def run(model: Any, train_data: Any, val_data: Any, *, epochs: int, **options: Any) -> Runner:
        rate = options.pop("lr", 2e-3)
        runner = Runner(
            model,
            work_dir=str(tmp_path / "work"),
            train_dataloader=train_data,
            train_cfg={"by_epoch": True, "max_epochs": epochs},
            optim_wrapper={"optimizer": {"type": "AdamW", "lr": rate}},
            val_dataloader=val_data,
            val_cfg={} if val_data is not None else None,
            val_evaluator=Accuracy() if val_data is not None else None,
            randomness={"seed": 0},
            log_level="WARNING",
            **options,
        )
        runner.train()
        return runner

    return run


def accuracy(runner: Runner) -> float:
    value: float = runner.message_hub.get_scalar("val/accuracy").current()
    return value


def halves(data: Dataset[Any], size: int, batch_size: int = 64) -> tuple[Any, Any]:
    train_part, val_part = torch.utils.data.random_split(
        data,
        [size, len(data) - size],
        torch.Generator().manual_seed(0),  # type: ignore[arg-type]
    )
    return (
        DataLoader(train_part, batch_size=batch_size, shuffle=True),
        DataLoader(val_part, batch_size=256),
    )


def test_a_timm_model_learns_digits(digits: Any, train: Callable[..., Runner]) -> None:
    pytest.importorskip("timm", reason="needs timm")
    images, labels = digits
    big = nn.functional.interpolate(images, scale_factor=4)  # its stem halves pictures twice
    batches = halves(TensorDataset(big, labels), 1200)
    model = {
        "type": "timm.create_model",
        "model_name": "resnet10t",
        "in_chans": 1,
        "num_classes": 10,
    }
    runner = train(model, *batches, epochs=5, loss={"type": "torch.nn.CrossEntropyLoss"})
    assert runner.model_name == "ResNet"
    assert accuracy(runner) > 85

    import timm

    plain = timm.create_model("resnet10t", in_chans=1, num_classes=10)
    weights = read_file(str(Path(runner.work_dir) / "epoch_5.pth"))["state_dict"]
    assert plain.load_state_dict(weights).missing_keys == []


def test_a_torchvision_classifier_learns_fashion(train: Callable[..., Runner]) -> None:
    models = pytest.importorskip("torchvision.models", reason="needs torchvision")
    if not FASHION_MNIST.is_dir():
        pytest.skip("needs the package dataset-fashion-mnist")
    images, labels = _fashion(2000)
    model = models.shufflenet_v2_x0_5(num_classes=10)
    model.conv1[0] = nn.Conv2d(1, 24, 3, stride=1, padding=1, bias=False)
    runner = train(
        model,
        *halves(TensorDataset(images, labels), 1600),
        epochs=3,
        loss=nn.functional.cross_entropy,
        lr=4e-3,
    )
    assert runner.model_name == "ShuffleNetV2"
    assert accuracy(runner) > 60


def test_a_torchvision_detector_learns_by_its_own_losses(train: Callable[..., Runner]) -> None:
    models = pytest.importorskip("torchvision.models", reason="needs torchvision")
    model = models.detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=2
    )

    class Squares(Dataset[Any]):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> tuple[Tensor, dict[str, Tensor]]:
            image = torch.zeros(3, 64, 64)
            image[:, 8:40, 8 : 40 + index] = 1
            box = torch.tensor([[8.0, 8.0, 40.0 + index, 40.0]])
            return image, {"boxes": box, "labels": torch.ones(1, dtype=torch.int64)}

    loader = DataLoader(
        Squares(), batch_size=2, collate_fn=lambda batch: [*zip(*batch, strict=True)]
    )
    runner = train(model, loader, None, epochs=1)
    names = set(runner.message_hub.log_scalars)
    assert {"train/loss_classification", "train/loss_bbox_regression", "train/loss"} <= names
    assert runner.model_name == "SSD"


def test_a_model_of_transformers_learns_words(train: Callable[..., Runner]) -> None:
    transformers = pytest.importorskip("transformers", reason="needs transformers")
    config = transformers.BertConfig(
        vocab_size=32, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=16, num_labels=2,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    generator = torch.Generator().manual_seed(0)
    words = torch.randint(2, 32, (600, 12), generator=generator)
    answers = (words == 7).any(dim=1).long()  # is the word 7 in the sentence?

    class Sentences(Dataset[Any]):
        def __len__(self) -> int:
            return len(words)

        def __getitem__(self, index: int) -> dict[str, Tensor]:
            return {"input_ids": words[index], "labels": answers[index]}

    runner = train(model, *halves(Sentences(), 480, 32), epochs=6, lr=5e-3)
    assert runner.model_name == "BertForSequenceClassification"
    majority = 100 * max(answers.float().mean().item(), 1 - answers.float().mean().item())
    assert accuracy(runner) > majority + 10


def test_a_detector_as_detectron2_has_them_trains(train: Callable[..., Runner]) -> None:
    class MetaArchitecture(nn.Module):
        """Takes a list of dicts; gives a dict of losses in training, a list of dicts else."""

        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(4, 1)

        def forward(self, batched_inputs: list[dict[str, Any]]) -> Any:
            images = torch.stack([each["image"] for each in batched_inputs])
            scores = self.head(images)[:, 0]
            if not self.training:
                return [{"instances": score} for score in scores]
            wanted = torch.stack([each["target"] for each in batched_inputs])
            return {"loss_cls": (scores - wanted).abs().mean(), "loss_reg": scores.square().mean()}

    class Samples(Dataset[Any]):
        def __len__(self) -> int:
            return 8

        def __getitem__(self, index: int) -> dict[str, Any]:
            return {"image": torch.full((4,), index / 8), "target": torch.tensor(index / 4)}

    loader = DataLoader(Samples(), batch_size=4, collate_fn=list)
    model = MetaArchitecture()
    runner = train(model, loader, None, epochs=20, lr=3e-2)
    losses = runner.message_hub.get_scalar("train/loss_cls").data[0]
    assert losses[-2:].sum() < 0.7 * losses[:2].sum()  # an epoch has two batches
    assert set(runner.model.state_dict()) == {"head.weight", "head.bias"}
    assert len(runner.model.eval().val_step(next(iter(loader)))) == 4


def test_a_loss_for_a_model_that_has_steps_is_refused(tiny: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="TinyNet has a train_step"):
        tiny(loss={"type": "torch.nn.MSELoss"})


def _fashion(size: int) -> tuple[Tensor, Tensor]:
    """The first pictures of the test set: (N, 1, 28, 28) in [0, 1], and what they show."""

    def read(name: str, header: int) -> Any:
        with gzip.open(FASHION_MNIST / name) as file:
            return np.frombuffer(file.read()[header:], np.uint8)

    images = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[:size]
    labels = read("t10k-labels-idx1-ubyte.gz", 8)[:size]
    return torch.from_numpy(images.copy()).float() / 255, torch.from_numpy(labels.copy()).long()
