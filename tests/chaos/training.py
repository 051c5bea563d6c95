"""The training that is killed: short, and everything that could differ is at work in it."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "library"))

import exact  # noqa: F401 - model, data and metric are registered by it

from engine_runner import Hook, Runner

__all__ = ["EVENTS", "MODULES", "import_again", "train"]

MODULES = "modules.txt"
MAX_EPOCHS = 4
_PICTURES, _BATCH = 48, 4

# What a training tells of itself while it runs, so that it can be killed there.
EVENTS = ("load", "write", "epoch", "validation", "begin")


class Tell(Hook):
    """Writes the number of an event into a pipe when it is about to happen."""

    priority = "VERY_HIGH"

    def __init__(self, pipe: Any) -> None:
        self.pipe = pipe

    def _tell(self, event: str) -> None:
        self.pipe.send(EVENTS.index(event))

    def before_train(self, runner: Any) -> None:
        self._tell("begin")

    def after_load_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        self._tell("load")

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        self._tell("write")

    def after_train_epoch(self, runner: Any) -> None:
        self._tell("epoch")

    def before_val_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self._tell("validation")


def train(
    work_dir: str, pipe: Any, *, workers: int, rank: int = 0, port: int | None = None
) -> None:
    """Train to the end, from wherever ``work_dir`` says that it stands; what is printed is kept.

    Args:
        work_dir: checkpoints and logs.
        pipe: where to tell what is about to happen.
        workers: how many processes read the data.
        rank: which of two processes this is, if ``port`` is given.
        port: where they meet.
    """
    _keep_what_is_printed(Path(work_dir, f"printed_{rank}.txt"))
    torch.set_num_threads(1)
    if port is not None:
        variables = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}
        os.environ.update({name: str(value) for name, value in variables.items()})
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    Runner(
        **_options(workers),
        work_dir=work_dir,
        custom_hooks=[Tell(pipe), {"type": "EMAHook", "momentum": 0.1}],
        launcher="none" if port is None else "pytorch",
        resume=True,
    ).train()
    Path(work_dir, MODULES).write_text("\n".join(sys.modules))


def import_again(file: Path) -> None:
    """Import what a training has imported: where processes are forked it is there then."""
    for name in file.read_text().splitlines():
        if name.startswith(("torch", "engine_")) and name not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def _options(workers: int) -> dict[str, Any]:
    return {
        "model": {"type": "Drops"},
        "train_dataloader": _loader(workers, shuffle=True),
        "val_dataloader": _loader(min(workers, 1), shuffle=False),
        "val_evaluator": {"type": "Confidence"},
        "train_cfg": {"by_epoch": True, "max_epochs": MAX_EPOCHS},
        "val_cfg": {},
        "optim_wrapper": {
            "type": "AmpOptimWrapper",
            "dtype": "bfloat16",
            "accumulative_counts": 3,
            "optimizer": {"type": "AdamW", "lr": 0.01},
        },
        "param_scheduler": {
            "type": "OneCycleLR",
            "eta_max": 0.02,
            "by_epoch": False,
            "total_steps": MAX_EPOCHS * _PICTURES // _BATCH,
        },
        "default_hooks": {
            "logger": {"interval": 1},
            "checkpoint": {
                "by_epoch": False,
                "interval": 2,
                "save_best": "accuracy",
                "max_keep_ckpts": 2,
            },
        },
        "randomness": {"seed": 3, "per_sample": True},
        "env_cfg": {"dist_cfg": {"backend": "gloo"}},
        "log_level": "WARNING",
    }


def _loader(workers: int, *, shuffle: bool) -> dict[str, Any]:
    return {
        "batch_size": _BATCH,
        "num_workers": workers,
        "dataset": {"type": "Noisy", "size": _PICTURES, "augment": shuffle},
        "sampler": {"type": "DefaultSampler", "shuffle": shuffle},
        "collate_fn": {"type": "default_collate"},
    }


def _keep_what_is_printed(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
