"""Trainings of one process and of two, importable by processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from toy import Count, Line, Points, loader, toy_runner, without_validation

from engine_checkpoint import CheckpointError, get_state_dict, on_main_rank
from engine_dist import get_rank
from engine_fileio import register_backend
from engine_fileio.backends import MemoryBackend
from engine_runner.hooks import Hook
from engine_runner.strategy import DDPStrategy


class Normed(Line):
    """With a batch normalisation before it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        return super().forward(self.norm(x), y, mode)


def train(work_dir: str, batch_size: int, accumulative_counts: int) -> dict[str, Any]:
    """Train on 16 points without shuffling; the weights, and what was seen on the way."""
    runner = toy_runner(
        work_dir,
        **without_validation(),
        train_dataloader=loader(Points(16), batch_size=batch_size),
        train_cfg={"by_epoch": True, "max_epochs": 3},
        optim_wrapper={
            "type": "OptimWrapper",
            "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
            "accumulative_counts": accumulative_counts,
            "clip_grad": {"max_norm": 1.0},
        },
        launcher="pytorch" if _is_launched() else "none",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
    )
    runner.train()
    return {
        "weights": {key: value.tolist() for key, value in get_state_dict(runner.model).items()},
        "wrapper": type(runner.model).__name__,
        "strategy": type(runner.strategy).__name__,
        "read": runner.train_dataloader.dataset.read[:4],
    }


def _is_launched() -> bool:
    return torch.distributed.is_initialized()


def place() -> dict[str, Any]:
    """What data-parallel placement makes of a model with batch normalisation."""
    strategy = DDPStrategy(find_unused_parameters=True)
    wrapped: Any = strategy.place(Normed())
    report = strategy.load_model_state(wrapped, strategy.model_state(wrapped), strict=True)
    return {
        "rank": get_rank(),
        "unused": wrapped.find_unused_parameters,
        "again": strategy.place(wrapped) is wrapped,
        "keys": list(strategy.model_state(wrapped)),
        "loaded": report.num_loaded,
    }


def weights_of_own_seeds(work_dir: str) -> list[float]:
    """The weights that a rank begins with when each has a seed of its own, after an init_cfg."""
    model = Line(init_cfg={"type": "Normal", "layer": "Linear", "std": 1.0})
    runner = toy_runner(
        work_dir,
        **without_validation(),
        model=model,
        train_cfg={"by_epoch": True, "max_epochs": 0},
        launcher="pytorch",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        randomness={"seed": 1, "diff_rank_seed": True},
    )
    runner.train()
    return [number for value in model.parameters() for number in value.flatten().tolist()]


def all_of_it(work_dir: str) -> dict[str, Any]:
    """Train by every number of accumulated losses, and place a model: in one group of processes."""
    return {
        "plain": train(f"{work_dir}/1", 2, 1),
        "accumulated": train(f"{work_dir}/2", 2, 2),
        "placed": place(),
        "begun": weights_of_own_seeds(f"{work_dir}/3"),
    }


def synced_buffers(work_dir: str) -> dict[str, Any]:
    """The statistics that a rank saved and validated with, and its own before."""
    seen: dict[str, Any] = {}

    class Look(Hook):
        priority = "VERY_HIGH"

        def after_train_epoch(self, runner: Any) -> None:
            seen["own"] = runner.model.module.norm.running_mean.tolist()

        def before_val_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            seen["validated"] = runner.model.module.norm.running_mean.tolist()
            seen["count"] = runner.model.module.norm.num_batches_tracked.item()

    runner = toy_runner(
        work_dir,
        model=Normed(),
        train_dataloader=loader(Points(16)),
        train_cfg={"by_epoch": True, "max_epochs": 1},
        custom_hooks=[{"type": "SyncBuffersHook"}, Look()],
        launcher="pytorch",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        cfg={
            "model_wrapper_cfg": {"type": "MMDistributedDataParallel", "broadcast_buffers": False}
        },
    )
    runner.train()
    return seen


def refused(folder: str) -> list[str]:
    """What each of two ranks sees of a checkpoint that can't be written, and of what is damaged."""
    seen = []
    strategy = DDPStrategy()
    taken = Path(folder) / "taken"
    try:
        strategy.write({"w": torch.ones(1)}, str(taken / "epoch_1.pth"))
    except OSError as error:
        seen.append(f"{type(error).__name__}: {error}")
    try:
        on_main_rank(lambda: {}["nothing"])
    except (KeyError, CheckpointError) as error:
        seen.append(type(error).__name__)
    return seen


def resumed_by_two(folder: str) -> tuple[list[str], int]:
    """Two ranks resume, of which the second can't read the newest."""
    options = without_validation(train_dataloader=loader(Points(4), batch_size=1))
    toy_runner(folder, **options, train_cfg={"by_epoch": True, "max_epochs": 3}).train()

    class Blind(DDPStrategy):
        def read(self, address: str, *arguments: Any, **options: Any) -> Any:
            if get_rank() == 1 and address.endswith("epoch_3.pth"):
                raise CheckpointError(f"{address} is damaged here")
            read.append(Path(address).name)
            return super().read(address, *arguments, **options)

    read: list[str] = []
    more = {"train_cfg": {"by_epoch": True, "max_epochs": 4}, "resume": True}
    runner = toy_runner(folder, **options, **more, strategy=Blind())
    runner.load_or_resume()
    return read, runner.epoch


class FailsTwice(MemoryBackend):
    """Refuses its second and third file, on the one rank that writes."""

    def __init__(self) -> None:
        super().__init__(files={})
        self.count = 0

    def put(self, obj: Any, filepath: Any, *, overwrite: bool = True) -> None:
        self.count += 1
        if self.count in (2, 3):  # the first is the probe
            raise ConnectionError("the server hung up")
        super().put(obj, filepath, overwrite=overwrite)


def saved_beside(folder: str) -> list[Any]:
    """What each of two ranks knows of the best and the last checkpoint after a training."""
    register_backend("fails_twice", FailsTwice, force=True)
    options = {"save_best": "accuracy", "async_save": True, "max_keep_ckpts": 1}
    store = {"out_dir": "out", "backend_args": {"backend": "fails_twice"}}
    runner = toy_runner(
        folder,
        train_dataloader=loader(Points(4), batch_size=1),
        train_cfg={"by_epoch": True, "max_epochs": 4},
        val_evaluator=Count([0.5, 0.25, 0.75, 0.6]),
        default_hooks={"checkpoint": {"type": "CheckpointHook", "interval": 1, **options, **store}},
    )
    runner.train()
    hub = runner.message_hub
    return [hub.get_info("best_score"), Path(hub.get_info("last_ckpt")).name]


def failing_checkpoints(folder: str) -> dict[str, Any]:
    """All of the above that fails, in one start of the processes."""
    return {
        "refused": refused(folder),
        "resumed": resumed_by_two(f"{folder}/resumed"),
        "beside": saved_beside(f"{folder}/beside"),
    }
