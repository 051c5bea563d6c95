"""A training that changes its number of processes and its strategy on the way."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_dist import get_rank, get_world_size, init_dist
from engine_dist.shards import whole
from engine_runner import BaseModel, Hook, Runner

NUM_ITERS = 12


class Layers(BaseModel):
    """Layers of odd sizes, so that ranks have parts of different sizes, or none."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(13, 7)
        self.norm = nn.LayerNorm(7)
        self.last = nn.Linear(7, 3)
        self.register_buffer("calls", torch.zeros(1))

    def init_weights(self) -> None:
        generator = torch.Generator().manual_seed(3)
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_(torch.randn(weight.shape, generator=generator) / 4)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        self.calls += 1
        out = self.last(torch.tanh(self.norm(self.first(x))))
        return {"loss": ((out - y) ** 2).mean()}


class Numbers(Dataset[Any]):
    """Samples that are the same everywhere."""

    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(index)
        return torch.randn(13, generator=generator), torch.randn(3, generator=generator)


class Watch(Hook):
    """Notes losses and rates, and stops before iteration ``stop``, when what was due is saved."""

    priority = "LOWEST"

    def __init__(self, stop: int | None) -> None:
        self.stop = stop
        self.losses: dict[int, float] = {}
        self.rates: dict[int, list[float]] = {}

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == self.stop:
            raise InterruptedError("stopped here")
        self.rates[runner.iter] = runner.optim_wrapper.get_lr()["lr"]

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self.losses[runner.iter] = float(whole(outputs["loss"]))


def runner_of(
    work_dir: str,
    strategy: dict[str, Any],
    *,
    stop: int | None = None,
    async_save: bool = False,
    ema: bool = False,
    num_iters: int = NUM_ITERS,
    interval: int = 2,
) -> Runner:
    """A runner that resumes what is in ``work_dir``."""
    world_size = get_world_size()
    every = {"T_max": num_iters, "by_epoch": False}
    runner = Runner(
        Layers(),
        work_dir,
        train_dataloader={
            "batch_size": 8 // world_size,
            "sampler": {"type": "InfiniteSampler", "shuffle": True},
            "collate_fn": {"type": "default_collate"},
            "dataset": Numbers(),
        },
        train_cfg={"by_epoch": False, "max_iters": num_iters},
        optim_wrapper={
            "type": "OptimWrapper",
            "optimizer": {"type": "AdamW", "lr": 0.02, "weight_decay": 0.1},
            "paramwise_cfg": {"norm_decay_mult": 0.0, "bias_lr_mult": 2.0},
        },
        param_scheduler=[{"type": "CosineAnnealingLR", **every}],
        default_hooks={
            "checkpoint": {
                "type": "CheckpointHook",
                "by_epoch": False,
                "interval": interval,
                "max_keep_ckpts": 2,
                "async_save": async_save,
            },
            "logger": None,
        },
        custom_hooks=[{"type": "EMAHook", "momentum": 0.2}] if ema else [],
        launcher="pytorch" if world_size > 1 else "none",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        randomness={"seed": 5},
        strategy=strategy,
        resume=True,
        log_level="WARNING",
        experiment_name=f"{Path(work_dir).name}{world_size}",
    )
    runner.register_hook(Watch(stop))
    return runner


def train(work_dir: str, strategy: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Go on with a training until it is stopped; what was seen, and the weights."""
    torch.set_num_threads(1)
    runner = runner_of(work_dir, strategy, **options)
    watch = next(each for each in runner.hooks if isinstance(each, Watch))
    with suppress(InterruptedError):
        runner.train()
    state = {name: whole(each) for name, each in runner.model.state_dict().items()}
    folders = {path.name: path.is_dir() for path in Path(work_dir).glob("iter_*")}
    return {
        "rank": get_rank(),
        "losses": watch.losses,
        "rates": watch.rates,
        "weights": {name.removeprefix("module."): each.tolist() for name, each in state.items()},
        "folders": folders,
    }


def trainings(*given: dict[str, Any]) -> list[dict[str, Any]]:
    """Go on with one training after the other in the same processes."""
    return [train(**each) for each in given]


def member(rank: int, world_size: int, port: int, given: dict[str, Any]) -> None:
    """Be one process of a training, and write what it saw to a file if it comes to its end."""
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(world_size),
        "LOCAL_WORLD_SIZE": str(world_size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    init_dist("pytorch", backend="gloo")
    seen = train(**given)
    Path(given["work_dir"], f"seen_{rank}.json").write_text(json.dumps(seen), "utf-8")
