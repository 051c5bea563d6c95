"""What a checkpoint costs: written, read, and how long the training stops for it.

Wall time, as that is what a training loses, of a model of 200 MB, or as many as asked for. Each
row is measured in turn with the row that it is compared with; nothing here judges a figure.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from measure import print_table, seconds
from torch import nn

from engine_runner import BaseModel, Runner
from engine_runner.checkpoint import read_file, save_checkpoint
from engine_runner.hooks import CheckpointHook

LAYERS = 10


class Model(BaseModel):
    """Weights of so many MB, and nothing that is done with them."""

    def __init__(self, megabytes: int) -> None:
        super().__init__()
        size = megabytes * 10**6 // 4 // LAYERS
        self.layers = nn.ParameterList(torch.randn(size) for _ in range(LAYERS))

    def forward(self, *_: Any, mode: str = "tensor") -> Any:
        """Return a loss."""
        return {"loss": self.layers[0].sum()}


def timed(act: Callable[[], Any]) -> float:
    """Wall seconds of a call."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def plain_save(content: dict[str, Any], file: Path) -> None:
    """Write as torch does, and on to the disk."""
    with file.open("wb") as opened:
        torch.save(content, opened)
        opened.flush()
        os.fsync(opened.fileno())


def runner_in(folder: Path, megabytes: int) -> Runner:
    """A runner that could train the model, whose hooks are called by hand."""
    data = {"batch_size": 1, "dataset": [0], "sampler": {"type": "DefaultSampler"}}
    return Runner(
        Model(megabytes),
        str(folder),
        train_dataloader=data,
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        default_hooks={"checkpoint": None},
        log_level="ERROR",
    )


def blocked(runner: Runner, hook: CheckpointHook, pause: Callable[[], None]) -> float:
    """Seconds that the training stops for a checkpoint; it is on the disk when this returns."""
    hook.before_train(runner)
    found = timed(lambda: hook.after_train_epoch(runner))
    hook.after_train(runner)
    pause()
    return found


def rows(folder: Path, megabytes: int, repeats: int) -> list[tuple[str, ...]]:
    """Measure everything in turn."""
    runner = runner_in(folder, megabytes)
    runner.prepare_training()
    content = {"state_dict": runner.model.state_dict()}
    one, other = folder / "plain.pth", folder / "ours.pth"
    now, beside = CheckpointHook(interval=1), CheckpointHook(interval=1, async_save=True)
    plain_save(content, one)
    save_checkpoint(content, str(other))
    first = blocked(runner, beside, os.sync)
    pairs = {
        "save, and torch.save with fsync": (
            lambda: timed(lambda: save_checkpoint(content, str(other))),
            lambda: timed(lambda: plain_save(content, one)),
        ),
        "read, and torch.load": (
            lambda: timed(lambda: read_file(other)),
            lambda: timed(lambda: torch.load(one, weights_only=True)),
        ),
        "read without a digest, and torch.load": (
            lambda: timed(lambda: read_file(one)),
            lambda: timed(lambda: torch.load(one, weights_only=True)),
        ),
        "stop of async_save, and without": (
            lambda: blocked(runner, beside, os.sync),
            lambda: blocked(runner, now, os.sync),
        ),
    }
    found: list[tuple[str, ...]] = []
    for name, (ours, theirs) in pairs.items():
        times = [(ours(), theirs()) for _ in range(repeats)]
        mine, its = (statistics.median(each) for each in zip(*times, strict=True))
        ratios = [a / b for a, b in times]
        shown = [f"{each:.2f}" for each in (statistics.median(ratios), min(ratios), max(ratios))]
        target = "<= 0.10" if "async" in name else ""
        found.append((name, seconds(mine), seconds(its), *shown, target))
    found.append(("stop of the first async_save", seconds(first), "", "", "", "", ""))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of weights")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--folder", help="on the disk to measure; by default a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        table = rows(Path(folder), options.megabytes, options.repeats)
    head = ("", "ours", "other", "ours/other", "min", "max", "target")
    print_table(f"Checkpoints of {options.megabytes} MB, wall time", [head, *table])


if __name__ == "__main__":
    main()
