"""Every example trains, as a config and as a script, and reaches what its README says.

The one of Llama does so in tests/scale/.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
CPU_TORCHVISION = Path(__file__).parent / "cpu_torchvision"
FASHION = Path("/usr/share/datasets/fashion-mnist")  # Debian's dataset-fashion-mnist


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The examples, where a user would have copied them to."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))


def run(folder: Path, *command: str, torchvision: bool = False) -> str:
    """Run Python there, and return what it said."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"}
    if torchvision:
        env["PYTHONPATH"] = str(CPU_TORCHVISION)
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def train(folder: Path, *options: str, torchvision: bool = False) -> str:
    """Train the config there."""
    arguments = ("-m", "engine_runner", "train", "config.py", *options)
    return run(folder, *arguments, torchvision=torchvision)


def accuracies(out: str) -> list[float]:
    """The accuracy of each validation."""
    return [float(each) for each in re.findall(r"\(val\).*accuracy: ([0-9.]+)", out)]


def test_digits_are_told_apart(copied: Path) -> None:
    out = train(copied / "digits")
    found = accuracies(out)
    assert len(found) == 20 and found[-1] >= 97
    for name in ("checkpoint", "best", "curves", "report"):
        (path,) = re.findall(rf"^{name}\b.*: +(.+)$", out, flags=re.M)
        assert Path(path).is_file()


def test_digits_are_told_apart_by_the_script(copied: Path) -> None:
    assert accuracies(run(copied / "digits", "train.py"))[-1] >= 97


def test_a_digits_training_goes_on(copied: Path) -> None:
    folder = copied / "digits"
    train(folder, "--cfg-options", "train_cfg.max_epochs=1", "param_scheduler=None")
    out = train(
        folder, "--resume", "--cfg-options", "train_cfg.max_epochs=2", "param_scheduler=None"
    )
    # The first epoch's checkpoint was written before its validation, which comes first.
    assert "resumed epoch: 1, iter: 23" in out and len(accuracies(out)) == 2


@pytest.mark.skipif(not FASHION.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_clothes_are_told_apart_after_an_epoch(copied: Path) -> None:
    out = train(copied / "fashion_mnist")
    assert accuracies(out)[-1] >= 82
    assert re.search(r"worst_class: [0-9.]+", out)


@pytest.mark.skipif(not FASHION.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_clothes_are_told_apart_by_the_script(copied: Path) -> None:
    assert accuracies(run(copied / "fashion_mnist", "train.py"))[-1] >= 82


def test_a_dry_run_of_digits_says_what_a_training_would_do(copied: Path) -> None:
    out = run(copied / "digits", "-m", "engine_runner", "train", "config.py", "--dry-run")
    assert "nothing is wrong" in out
    for what in ("build", "train", "checkpoint", "val"):
        assert any(line.startswith(what) for line in out.splitlines())
    assert not (copied / "digits" / "work_dirs").exists()


def test_missing_pictures_are_told_with_what_to_do(copied: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "engine_runner", "train", "config.py", "--cfg-options"]
    for which in ("train", "val"):
        command.append(f"{which}_dataloader.dataset.data_root={tmp_path / 'nowhere'}")
    done = subprocess.run(command, cwd=copied / "fashion_mnist", capture_output=True, text=True)
    assert done.returncode == 1
    assert "apt install dataset-fashion-mnist" in done.stderr and "Traceback" not in done.stderr


def test_a_resnet_trains_on_random_images(copied: Path) -> None:
    config = copied / "cifar10_resnet50" / "config.py"
    lines = [
        "_base_ = 'config.py'",
        "train_cfg = dict(max_epochs=1)",
        "for_training = dict(_delete_=True, type='RandomImages', size=64, train=True)",
        "for_validation = dict(_delete_=True, type='RandomImages', size=64, train=False)",
        "train_dataloader = dict(dataset=for_training)",
        "val_dataloader = dict(dataset=for_validation)",
    ]
    config.with_name("small.py").write_text("\n".join(lines))
    out = run(config.parent, "-m", "engine_runner", "train", "small.py", torchvision=True)
    assert len(accuracies(out)) == 1


def test_a_resnet_trains_by_the_script(copied: Path) -> None:
    arguments = ("train.py", "--random-images", "64", "--epochs", "1")
    out = run(copied / "cifar10_resnet50", *arguments, torchvision=True)
    assert len(accuracies(out)) == 1


def last(out: str, name: str) -> float:
    """The last value of a metric that a log names."""
    return float(re.findall(rf"{re.escape(name)}: ([0-9.]+)", out)[-1])


def test_digits_are_drawn_better_and_better(copied: Path) -> None:
    out = train(copied / "gan", "--cfg-options", "train_cfg.max_epochs=6", "param_scheduler=None")
    assert last(out, "frechet") < 20
    assert [*(copied / "gan" / "work_dirs").rglob("drawn_6.png")]
    out = train(
        copied / "gan",
        *("--resume", "--cfg-options", "train_cfg.max_epochs=7", "param_scheduler=None"),
    )
    assert "resumed epoch: 6, iter: 168" in out


def test_nuclei_are_found(copied: Path) -> None:
    short = ("train_cfg.max_epochs=3", "param_scheduler=None")
    out = train(copied / "segmentation", "--cfg-options", *short)
    assert last(out, "IoU/nucleus") > 0.7
    assert [*(copied / "segmentation" / "work_dirs").rglob("nuclei_3.png")]


def test_docstrings_are_told_apart(copied: Path) -> None:
    few = [f"{each}_dataloader.dataset.num_texts=20" for each in ("train", "val")]
    out = train(copied / "text_classification", "--cfg-options", *few, torchvision=True)
    assert last(out, "accuracy/top1") > 0.5  # by chance it would be 0.08


def test_several_views_are_better_than_one(copied: Path) -> None:
    folder = copied / "test_time_augmentation"
    train(folder, "--cfg-options", "train_cfg.max_epochs=15", "param_scheduler=None")
    command = ("-m", "engine_runner", "test", "config.py")
    checkpoint = "work_dirs/test_time_augmentation/epoch_15.pth"
    one = last(run(folder, *command, checkpoint), "accuracy/top1")
    several = last(run(folder, *command, checkpoint, "--tta"), "accuracy/top1")
    assert several > one > 0.75
