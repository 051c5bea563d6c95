"""The configs of examples/llama that spread weights, with the tiny model in two processes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import save_file

EXAMPLE = Path(__file__).parents[2] / "examples" / "llama"
SMALL = (
    *("train_cfg.max_iters=20", "train_cfg.val_interval=20", "train_dataloader.batch_size=4"),
    *("val_dataloader.dataset.num_samples=8", "param_scheduler=None"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example, where a user would have copied it to."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "llama"))


def engine(folder: Path, *arguments: str) -> str:
    """Run a command there, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "engine_runner", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def val_losses(out: str) -> list[float]:
    return [float(each) for each in re.findall(r"val_loss: ([0-9.]+)", out)]


@pytest.fixture
def weights(folder: Path) -> Path:
    """Weights of the tiny model, in two shards and an index, as those of 7 billion come."""
    sys.path.insert(0, str(folder))
    try:
        from llama import llama
    finally:
        sys.path.remove(str(folder))
    made = {name: value.contiguous() for name, value in llama("tiny").state_dict().items()}
    names = sorted(made)
    stored = folder / "weights"
    stored.mkdir()
    index: dict[str, str] = {}
    for number, part in enumerate((names[::2], names[1::2])):
        file = f"model-{number}.safetensors"
        save_file({name: made[name] for name in part}, stored / file)
        index |= dict.fromkeys(part, file)
    path = stored / "model.safetensors.index.json"
    path.write_text(f'{{"metadata": {{}}, "weight_map": {str(index).replace(chr(39), chr(34))}}}')
    return path


def test_the_tiny_one_trains_in_two_processes_as_in_one(folder: Path) -> None:
    settings = [each for each in SMALL if "batch_size" not in each]
    alone = engine(
        folder, "train", "config.py", "--cfg-options", *settings, "train_dataloader.batch_size=8"
    )
    spread = engine(folder, "train", "fsdp.py", "--nproc", "2", "--cfg-options", *SMALL)
    assert val_losses(spread) == pytest.approx(val_losses(alone), rel=0.1)
    assert val_losses(spread)[-1] < 5  # of a byte, in nats; by chance it would be 5.5


@pytest.mark.parametrize("config", ["llama2_7b_fsdp.py", "llama2_7b_deepspeed.py"])
def test_a_config_of_the_large_one_trains_the_tiny_one(
    config: str, folder: Path, weights: Path
) -> None:
    (folder / "text.txt").write_text("to be or not to be, that is the question. " * 400)
    of_tiny = (
        *("model.size=tiny", f"load_from={weights.as_posix()}"),
        *(f"{each}_dataloader.dataset.tokenizer=None" for each in ("train", "val")),
        *(f"{each}_dataloader.dataset.length=64" for each in ("train", "val")),
        *("default_hooks.checkpoint.interval=10", "default_hooks.logger.interval=5"),
        *("train_dataloader.num_workers=0", "optim_wrapper.optimizer.lr=0.01"),
    )
    out = engine(folder, "train", config, "--nproc", "2", "--cfg-options", *SMALL, *of_tiny)
    assert "Load checkpoint from" in out
    first, last = re.findall(r"\[ *(?:5|20)/20\].* loss: ([0-9.]+)", out)
    assert float(last) < float(first)
    checkpoint = "work_dirs/llama2_7b/iter_20.pth"
    assert (folder / checkpoint).is_dir() == ("fsdp" in config)
    engine(folder, "publish", checkpoint, "published.safetensors")
    assert list(folder.glob("published*.safetensors"))
