"""Trainings of several processes that stop and go on, importable by them."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import torch
from exact import Drops, Noisy
from torch import Tensor, nn

from engine_checkpoint import get_state_dict
from engine_config import Config
from engine_dist import get_world_size
from engine_registry import DATASETS, MODELS
from engine_runner import BaseModel, Hook, Runner
from engine_runner.runner import rank_state


@MODELS.register_module()
class Plain(BaseModel):
    """A linear layer, for which it makes no difference how samples are dealt."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.last = nn.Linear(36, 2)

    def forward(self, x: Tensor, y: Tensor, index: Tensor, mode: str = "tensor") -> Any:
        return {"loss": nn.functional.cross_entropy(self.last(x.flatten(1)), y)}


@MODELS.register_module()
class Drawing(Drops):
    """Draws with the generators of its process, in which ranks differ."""

    def forward(self, x: Tensor, y: Tensor, index: Tensor, mode: str = "tensor") -> Any:
        random.random()
        return super().forward(x, y, mode)


@MODELS.register_module()
class Alike(Drawing):
    """Draws the same on all ranks, whose seeds are the same."""


@DATASETS.register_module()
class Indexed(Noisy):
    """Its samples know their index."""

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**super().__getitem__(index), "index": index}


class Watch(Hook):
    """Keeps indices and loss of each iteration, and ends the training after one of them."""

    priority = "LOWEST"

    def __init__(self, stop: int | None) -> None:
        self.stop = stop
        self.seen: dict[int, tuple[list[int], float]] = {}

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self.seen[runner.iter] = data_batch["index"].tolist(), float(outputs["loss"])
        if runner.iter + 1 == self.stop:
            raise InterruptedError("stopped here")


def trainings(*configs: dict[str, Any]) -> list[dict[str, Any]]:
    """Make one training after the other in the same processes."""
    return [train(**each) for each in configs]


def train(
    config: str,
    work_dir: str,
    *,
    model: str = "Plain",
    stop: int | None = None,
    by_epoch: bool = True,
    is_one_of_many: bool = False,
    **strategy: Any,
) -> dict[str, Any]:
    """Resume, or begin, and train until ``stop``; what was seen, and the weights.

    One of many keeps of itself what it would among more than 64 ranks.
    """
    rank_state.MOST_RANKS = 1 if is_one_of_many else 64
    torch.set_num_threads(1)
    cfg = Config.fromfile(config)
    world_size = get_world_size()
    cfg.merge_from_dict(
        {
            "custom_imports.imports": ["ranked"],
            "work_dir": work_dir,
            "model": {"_delete_": True, "type": model},
            "train_dataloader.dataset.type": "Indexed",
            "train_dataloader.batch_size": 8 // world_size,
            "optim_wrapper": {
                "_delete_": True,
                "type": "OptimWrapper",
                "accumulative_counts": 3,
                "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
            },
            "param_scheduler.total_steps": 8,
            "launcher": "pytorch" if world_size > 1 else "none",
            "env_cfg": {"dist_cfg": {"backend": "gloo"}},
            "randomness": {"seed": 3, "per_sample": True, "diff_rank_seed": model == "Drawing"},
            "resume": True,
        }
    )
    if not by_epoch:
        cfg.train_cfg = {"by_epoch": False, "max_iters": 8}
        cfg.train_dataloader.sampler.type = "InfiniteSampler"
    for key in ("val_dataloader", "val_cfg", "val_evaluator", "custom_hooks"):
        cfg.pop(key)
    cfg.default_hooks.checkpoint.pop("save_best")
    if strategy:
        cfg.strategy = {"type": "DDPStrategy", **strategy}
    watch = Watch(stop)
    runner = Runner.from_cfg(cfg)
    runner.register_hook(watch)
    with suppress(InterruptedError):
        runner.train()
    model_state = get_state_dict(runner.model)
    weights = {name: value.flatten().tolist() for name, value in model_state.items()}
    return {"seen": watch.seen, "weights": weights}
