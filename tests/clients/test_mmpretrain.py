"""mmpretrain 1.2.0 from PyPI trains through its own tools, with configs made of its own."""

from __future__ import annotations

import gzip
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from programs import CONFIGS, LIBRARY, mim, start, train

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="session")
def work_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of two epochs."""
    folder = tmp_path_factory.mktemp("trained")
    train("synthetic.py", "--work-dir", folder)
    return folder


def written(folder: Path) -> list[dict[str, Any]]:
    """The scalars that the last training in ``folder`` wrote, a line an entry."""
    latest = max(folder.glob("*/vis_data/scalars.json"))
    return [json.loads(line) for line in latest.read_text(encoding="utf-8").splitlines()]


def steps(folder: Path) -> list[tuple[int, float, float]]:
    """(step, lr, loss) of each iteration."""
    return [(row["step"], row["lr"], row["loss"]) for row in written(folder) if "loss" in row]


def test_resnet_trains_and_validates(work_dir: Path) -> None:
    rows = steps(work_dir)
    assert [step for step, _, _ in rows] == [*range(1, 9)]
    assert rows[0][1] == pytest.approx(0.01)
    # what mmengine 0.10.7 and torch 2.13 print for the same config
    assert [loss for _, _, loss in rows[:2]] == pytest.approx([2.3234, 2.3780], abs=2e-3)
    accuracies = [row for row in written(work_dir) if "accuracy/top1" in row]
    assert [row["step"] for row in accuracies] == [1, 2]
    assert (work_dir / "last_checkpoint").read_text().endswith("epoch_2.pth")


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(
    work_dir: Path, tmp_path: Path
) -> None:
    command = ("synthetic.py", "--cfg-options", "train_cfg.max_epochs=3", "--work-dir")
    train(*command, tmp_path / "unbroken")
    train(*command, tmp_path / "resumed", "--resume", work_dir / "epoch_2.pth")
    assert [step for step, _, _ in steps(tmp_path / "resumed")] == [9, 10, 11, 12]
    assert steps(tmp_path / "unbroken")[8:] == steps(tmp_path / "resumed")
    unbroken, resumed = (
        torch.load(tmp_path / name / "epoch_3.pth", weights_only=False)["state_dict"]
        for name in ("unbroken", "resumed")
    )
    assert all(torch.equal(unbroken[key], resumed[key]) for key in unbroken)


def test_the_test_tool_and_the_inferencer_agree(work_dir: Path, tmp_path: Path) -> None:
    arguments = (CONFIGS / "synthetic.py", work_dir / "epoch_2.pth")
    out = tmp_path / "results.pkl"
    start(mim() / "tools/test.py", *arguments, "--work-dir", tmp_path, "--out", out)
    results = pickle.loads(out.read_bytes())
    predicted = json.loads(start(LIBRARY / "predict.py", *arguments).splitlines()[-1])
    assert len(predicted) == len(results) == 12
    for result, (label, scores) in zip(results, predicted, strict=True):
        assert int(result["pred_label"]) == label
        assert result["pred_score"].tolist() == pytest.approx(scores, abs=1e-5)
    right = sum(int(row["pred_label"]) == int(row["gt_label"]) for row in results)
    measured = [row["accuracy/top1"] for row in written(work_dir) if "accuracy/top1" in row]
    assert measured[-1] == pytest.approx(100 * right / 12, abs=1e-3)


def test_it_learns_real_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    for packed in FASHION_MNIST.glob("*.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    train("fashion.py", "--work-dir", tmp_path / "out", folder=tmp_path)
    found = [row["accuracy/top1"] for row in written(tmp_path / "out") if "accuracy/top1" in row]
    assert len(found) == 1
    assert found[0] > 35  # a guess is right once in ten


def test_a_config_of_classes_trains(tmp_path: Path) -> None:
    train("new_style.py", "--work-dir", tmp_path / "out", "--no-persistent-workers")
    assert [step for step, _, _ in steps(tmp_path / "out")] == [2, 4]
    assert (tmp_path / "out/epoch_1.pth").is_file()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("model.backbone.type=ResNet_CIFER", r"'ResNet_CIFER'[^$]*close names: 'ResNet_CIFAR'"),
        ("train_cfg.max_epoch=3", r"no key 'max_epoch'; did you mean max_epochs"),
    ],
)
def test_a_mistake_in_a_config_is_told_with_what_was_meant(
    option: str, said: str, tmp_path: Path
) -> None:
    told = train("synthetic.py", "--work-dir", tmp_path, "--cfg-options", option, fails=True)
    assert re.search(said, told[-1000:]), told[-2000:]
