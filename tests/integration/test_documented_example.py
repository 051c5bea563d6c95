"""The first example of MMEngine's documentation, with its import lines changed and nothing else.

Only what it takes from elsewhere is smaller here: a network of a few weights in place of
torchvision's ResNet-50, and random pictures in place of CIFAR-10.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import SGD
from torch.utils.data import DataLoader, TensorDataset

from engine_evaluator import BaseMetric
from engine_model import BaseModel
from engine_runner.runner import Runner


class MMResNet50(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.resnet = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=4), nn.GELU(), nn.Flatten(), nn.LazyLinear(10)
        )
        self.resnet(torch.zeros(1, 3, 32, 32))

    def forward(self, imgs: Any, labels: Any, mode: str) -> Any:
        x = self.resnet(imgs)
        if mode == "loss":
            return {"loss": F.cross_entropy(x, labels)}
        if mode == "predict":
            return x, labels
        return None


class Accuracy(BaseMetric):
    def process(self, data_batch: Any, data_samples: Any) -> None:
        score, gt = data_samples
        self.results.append(
            {
                "batch_size": len(gt),
                "correct": (score.argmax(dim=1) == gt).sum().cpu(),
            }
        )

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        total_correct = sum(item["correct"] for item in results)
        total_size = sum(item["batch_size"] for item in results)
        return {"accuracy": 100 * total_correct / total_size}


def pictures(size: int) -> TensorDataset:
    """Pictures whose class can be seen: it is where a bright bar lies."""
    labels = torch.arange(size) % 10
    images = torch.rand(size, 3, 32, 32, generator=torch.Generator().manual_seed(size))
    for image, label in zip(images, labels.tolist(), strict=True):
        image[:, 3 * label : 3 * label + 3] += 5
    return TensorDataset(images, labels)


def test_the_first_example_of_mmengines_documentation_trains(tmp_path: Path) -> None:
    train_dataloader = DataLoader(batch_size=32, shuffle=True, dataset=pictures(320))
    val_dataloader = DataLoader(batch_size=32, shuffle=False, dataset=pictures(64))

    runner = Runner(
        model=MMResNet50(),
        work_dir=str(tmp_path / "work_dir"),
        train_dataloader=train_dataloader,
        optim_wrapper=dict(optimizer=dict(type=SGD, lr=0.001, momentum=0.9)),  # noqa: C408
        train_cfg=dict(by_epoch=True, max_epochs=5, val_interval=1),  # noqa: C408
        val_dataloader=val_dataloader,
        val_cfg=dict(),  # noqa: C408
        val_evaluator=dict(type=Accuracy),  # noqa: C408
    )
    runner.train()

    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) == 50
    assert losses[-10:].mean() < 0.95 * losses[:10].mean()  # with any seed; the example has none
    assert 0 <= runner.message_hub.get_scalar("val/accuracy").current() <= 100
    assert (tmp_path / "work_dir/epoch_5.pth").is_file()
    for handler in list(runner.logger.handlers):
        handler.close()
        runner.logger.removeHandler(handler)
    runner.visualizer.close()
