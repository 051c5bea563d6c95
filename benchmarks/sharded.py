"""What a sharded checkpoint costs: saved by two processes, and how long the training stops for it.

Wall time of the main rank, of a model of 300 MB that FSDP2 has spread over two processes of this
machine, or as many as asked for. Each row is measured in turn with the row that it is compared
with; nothing here judges a figure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from measure import print_table, seconds
from torch import distributed as dist
from torch import nn
from torch.distributed import checkpoint as dcp

from engine_checkpoint import ShardedWriter
from engine_dist import is_main_process, launch
from engine_runner import BaseModel, Runner
from engine_runner.hooks import CheckpointHook

LAYERS = 10
WIDTH = 1000
PROCESSES = 2


class Model(BaseModel):
    """Weights of so many MB, and nothing that is done with them."""

    def __init__(self, megabytes: int) -> None:
        super().__init__()
        rows = megabytes * 10**6 // 4 // LAYERS // WIDTH
        self.layers = nn.ParameterList(torch.randn(rows, WIDTH) for _ in range(LAYERS))

    def forward(self, *_: Any, mode: str = "tensor") -> Any:
        """Return a loss."""
        return {"loss": self.layers[0].sum()}


def timed(act: Callable[[], Any]) -> float:
    """Wall seconds of a call that all processes begin together."""
    if is_main_process():
        os.sync()
    dist.barrier()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def fresh(place: Path) -> Path:
    """A name for a folder, of which there is none."""
    if is_main_process():
        shutil.rmtree(place, ignore_errors=True)
    dist.barrier()
    return place


def runner_in(folder: Path, megabytes: int) -> Runner:
    """A runner that could train the model, whose hooks are called by hand."""
    runner = Runner(
        Model(megabytes),
        str(folder),
        train_dataloader={
            "batch_size": 1,
            "dataset": [*range(PROCESSES)],
            "sampler": {"type": "DefaultSampler"},
        },
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        default_hooks={"checkpoint": None},
        strategy={"type": "FSDPStrategy", "state_dict_cfg": "sharded"},
        launcher="pytorch",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        log_level="ERROR",
    )
    runner.prepare_training()
    return runner


def blocked(runner: Runner, hook: CheckpointHook) -> float:
    """Seconds that the training stops for a checkpoint; it is on the disk when this returns."""
    hook.before_train(runner)
    found = timed(lambda: hook.after_train_epoch(runner))
    hook.after_train(runner)
    return found


class Theirs:
    """torch's own saving of the same tensors."""

    def __init__(self, folder: Path, state: dict[str, Any]) -> None:
        self.folder, self.state = folder, state
        self.group = dist.new_group(backend="gloo")

    def now(self) -> float:
        """Seconds of a save."""
        place = fresh(self.folder / "now")
        return timed(lambda: dcp.save(self.state, checkpoint_id=place))

    def beside(self) -> float:
        """Seconds that an asynchronous one stops for."""
        made: list[Any] = []
        place = fresh(self.folder / "beside")
        found = timed(
            lambda: made.append(
                dcp.async_save(self.state, checkpoint_id=place, process_group=self.group)
            )
        )
        made[0].result()
        return found


def measured(folder: str, megabytes: int, repeats: int) -> list[tuple[str, ...]]:
    """Measure everything in turn, in each process."""
    torch.set_num_threads(1)
    runner = runner_in(Path(folder), megabytes)
    state = dict(runner.model.state_dict())
    now, beside = CheckpointHook(interval=1), CheckpointHook(interval=1, async_save=True)
    theirs, writer = Theirs(Path(folder), state), ShardedWriter()

    def save() -> float:
        address = str(fresh(Path(folder) / "ours"))
        return timed(lambda: writer.stage({"state_dict": state}, address)())

    first = blocked(runner, beside)
    for act in (save, theirs.now, theirs.beside):
        act()
    pairs: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
        "save, and torch's dcp.save": (save, theirs.now),
        "stop of async_save, and without": (
            lambda: blocked(runner, beside),
            lambda: blocked(runner, now),
        ),
        "stop of async_save, and torch's dcp.async_save": (
            lambda: blocked(runner, beside),
            theirs.beside,
        ),
    }
    found: list[tuple[str, ...]] = []
    for name, (ours, its) in pairs.items():
        times = [(ours(), its()) for _ in range(repeats)]
        mine, others = (statistics.median(each) for each in zip(*times, strict=True))
        ratios = [a / b for a, b in times]
        shown = [f"{each:.2f}" for each in (statistics.median(ratios), min(ratios), max(ratios))]
        target = "<= 0.10" if "without" in name else ""
        found.append((name, seconds(mine), seconds(others), *shown, target))
    found.append(("stop of the first async_save", seconds(first), "", "", "", "", ""))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300, help="of weights")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--folder", help="on the disk to measure; by default a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        given = (folder, options.megabytes, options.repeats)
        table = launch(measured, PROCESSES, given, backend="gloo")[0]
    head = ("", "ours", "other", "ours/other", "min", "max", "target")
    title = f"Sharded checkpoints of {options.megabytes} MB by {PROCESSES} processes, wall time"
    print_table(title, [head, *table])


if __name__ == "__main__":
    main()
