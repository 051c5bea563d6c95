"""What a checkpoint costs: written, read, and how long the training stops for it.

Wall time, as that is what a training loses, of a model of 200 MB, or as many as asked for, and
beside it CPU time of all threads, which other work on the machine changes less. Each row is
measured in turn with what it is compared with; nothing here judges a figure.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from measure import print_table, seconds
from torch import nn

from engine_checkpoint import read_file, save_checkpoint
from engine_runner import BaseModel, Runner
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


class Cost(NamedTuple):
    """Seconds that a call takes."""

    wall: float
    cpu: float


Pairs = dict[str, tuple[Callable[[], Cost], Callable[[], Cost], str]]


def cost(act: Callable[[], Any]) -> Cost:
    """What a call costs."""
    start, cpu = time.perf_counter(), time.process_time()
    act()
    return Cost(time.perf_counter() - start, time.process_time() - cpu)


def plain_save(content: dict[str, Any], file: Path, *, flushed: bool = True) -> None:
    """Write as torch does, and on to the disk."""
    with file.open("wb") as opened:
        torch.save(content, opened)
        if flushed:
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


def blocked(runner: Runner, hook: CheckpointHook, pause: Callable[[], None]) -> Cost:
    """How long the training stops for a checkpoint; it is on the disk when this returns."""
    hook.before_train(runner)
    found = cost(lambda: hook.after_train_epoch(runner))
    hook.after_train(runner)
    pause()
    return found


def measured(pairs: Pairs, repeats: int) -> list[tuple[str, ...]]:
    """Measure pairs in turn: medians of the times, and of the ratios with their range."""
    found: list[tuple[str, ...]] = []
    for name, (ours, theirs, target) in pairs.items():
        times = []
        for number in range(repeats):  # neither is always the first
            times.append((ours(), theirs()) if number % 2 else (theirs(), ours())[::-1])
        walls = [(mine.wall, its.wall) for mine, its in times]
        mine, its = (statistics.median(each) for each in zip(*walls, strict=True))
        ratios = [a / b for a, b in walls]
        cpu = statistics.median(mine.cpu / its.cpu for mine, its in times)
        shown = (statistics.median(ratios), min(ratios), max(ratios), cpu)
        found.append((name, seconds(mine), seconds(its), *(f"{x:.2f}" for x in shown), target))
    return found


def rows(folder: Path, megabytes: int, repeats: int) -> list[tuple[str, ...]]:
    """Measure everything."""
    runner = runner_in(folder, megabytes)
    runner.prepare_training()
    content = {"state_dict": runner.model.state_dict()}
    one, other = folder / "plain.pth", folder / "ours.pth"
    now, beside = CheckpointHook(interval=1), CheckpointHook(interval=1, async_save=True)
    plain_save(content, one)
    save_checkpoint(content, str(other))
    first = blocked(runner, beside, os.sync)
    save = partial(cost, lambda: save_checkpoint(content, str(other)))
    load = partial(cost, lambda: torch.load(one, weights_only=True))
    pairs: Pairs = {
        "save, and torch.save with fsync": (
            *(save, partial(cost, lambda: plain_save(content, one)), "<= 1.10"),
        ),
        "save, and torch.save without": (
            *(save, partial(cost, lambda: plain_save(content, one, flushed=False)), ""),
        ),
        "read, and torch.load": (partial(cost, lambda: read_file(other)), load, "<= 1.10"),
        "read without a digest, and torch.load": (partial(cost, lambda: read_file(one)), load, ""),
        "stop of async_save, and without": (
            partial(blocked, runner, beside, os.sync),
            partial(blocked, runner, now, os.sync),
            "<= 0.10",
        ),
    }
    last = ("stop of the first async_save", seconds(first.wall), *("",) * 6)
    return [*measured(pairs, repeats), last]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of weights")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--folder", help="on the disk to measure; by default a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        table = rows(Path(folder), options.megabytes, options.repeats)
    head = ("", "ours", "other", "ours/other", "min", "max", "of CPU time", "target")
    print_table(f"Checkpoints of {options.megabytes} MB, wall time", [head, *table])


if __name__ == "__main__":
    main()
