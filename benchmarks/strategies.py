"""DDP and FSDP2 by our strategies beside the same training written in plain torch.

Two processes over gloo train one model by the Runner, with its default hooks, and one by a loop of
torch's own, in turns of twenty steps. Wall-clock: a step waits for the other process. The ratio is
theirs/ours, which is the throughput kept.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, DistributedSampler

import engine_dist
from engine_runner import BaseModel, Hook, Runner

TURN, WARM_UP = 20, 2
BATCH, SAMPLES = 64, 1 << 12
TARGET = 0.98


class Net(BaseModel):
    """Some layers of ``width``."""

    def __init__(self, width: int, depth: int = 6) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))

    def forward(self, x: Tensor, y: Tensor, mode: str = "loss") -> dict[str, Tensor]:
        """Return a loss."""
        for layer in self.layers:
            x = layer(x).relu()
        return {"loss": nn.functional.mse_loss(x, y)}


class Noise(Dataset[Any]):
    """The same few rows again and again."""

    def __init__(self, width: int) -> None:
        self.rows = torch.randn(16, width)

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        row = self.rows[index % 16]
        return row, row


def plain_step(kind: str, width: int) -> Callable[[], None]:
    """A step of a loop that uses nothing of ours but the model's class."""
    torch.manual_seed(0)
    model: Any = Net(width)
    if kind == "DDP":
        model = DistributedDataParallel(model)
    else:
        mesh = init_device_mesh("cpu", (distributed.get_world_size(),))
        for layer in model.layers:
            fully_shard(layer, mesh=mesh)
        fully_shard(model, mesh=mesh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    data = Noise(width)
    loader = DataLoader(data, BATCH, sampler=DistributedSampler(data))

    def endless() -> Iterator[list[Tensor]]:
        while True:
            yield from loader

    batches = endless()

    def step() -> None:
        x, y = next(batches)
        loss = model(x, y)["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


class Turns(Hook):
    """Lets the plain loop have its turn after each of ours, and keeps seconds a step of both."""

    priority = "LOWEST"

    def __init__(self, step: Callable[[], None]) -> None:
        self.step = step
        self.pairs: list[tuple[float, float]] = []
        self.begun = time.perf_counter()

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """End our turn, and make theirs."""
        if (runner.iter + 1) % TURN:
            return
        ours = time.perf_counter() - self.begun
        distributed.barrier()
        begun = time.perf_counter()
        for _ in range(TURN):
            self.step()
        theirs = time.perf_counter() - begun
        distributed.barrier()
        self.pairs.append((ours / TURN, theirs / TURN))
        self.begun = time.perf_counter()


def measured(kind: str, width: int, turns: int) -> list[tuple[float, float]]:
    """Seconds a step, ours and theirs, of each turn; in every process of a group."""
    torch.set_num_threads(1)
    watch = Turns(plain_step(kind, width))
    torch.manual_seed(0)
    strategies = {"DDP": {"type": "DDPStrategy"}}
    strategies["FSDP2"] = {"type": "FSDPStrategy", "wrap_policy": "layers.*"}
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(
            model=Net(width),
            work_dir=folder,
            train_dataloader={
                "dataset": Noise(width),
                "batch_size": BATCH,
                "sampler": {"type": "InfiniteSampler"},
                "collate_fn": {"type": "default_collate"},
            },
            train_cfg={"by_epoch": False, "max_iters": TURN * (turns + WARM_UP)},
            optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.01, "momentum": 0.9}},
            default_hooks={"checkpoint": None},
            custom_hooks=[watch],
            strategy=strategies[kind],
            launcher="pytorch",
            env_cfg={"dist_cfg": {"backend": "gloo"}},
            log_level="WARNING",
        )
        runner.train()
        runner.visualizer.close()
    return watch.pairs[WARM_UP:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=12, help="of twenty steps each")
    parser.add_argument("--width", type=int, default=384, help="of a layer; sets a step's time")
    options = parser.parse_args()
    print(f"{'strategy':<10}{'ours ms':>10}{'torch ms':>10}{'ratio':>8}{'spread':>16}{'target':>8}")
    for kind in ("DDP", "FSDP2"):
        arguments = (kind, options.width, options.turns)
        pairs = engine_dist.launch(measured, 2, arguments, backend="gloo", timeout=600)[0]
        ours, theirs = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        ratios = sorted(b / a for a, b in pairs)
        ratio, spread = statistics.median(ratios), f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"{kind:<10}{ours:>10.2f}{theirs:>10.2f}{ratio:>8.3f}{spread:>16}{TARGET:>8}")


if __name__ == "__main__":
    main()
