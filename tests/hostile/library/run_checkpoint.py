"""What the judge does with a hostile checkpoint: reads it by a function that users call."""

from __future__ import annotations

import io
import pickle
import tempfile
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
import yaml  # noqa: F401
from corpus_checkpoint import trained

import engine_runner  # noqa: F401
from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    find_latest_checkpoint,
    read_file,
)
from engine_config import Config, ConfigError
from engine_fileio import load
from engine_fileio.errors import UntrustedError
from engine_model import BaseModel
from engine_registry import MODELS, RegistryError
from engine_runner.infer import Inferencer
from engine_runner.runner import Runner

_ANSWERS = (CheckpointError, ConfigError, RegistryError, UntrustedError, FileNotFoundError)

warnings.simplefilter("ignore")
torch.set_num_threads(1)


def _warm() -> None:
    """What reading any checkpoint imports, so that a case's own imports stand out."""
    for name in ("Linear", "torch.nn.Linear"):
        MODELS.get(name)
    Inferencer(Config({"model": {"type": "torch.nn.Linear", "in_features": 1, "out_features": 1},
                       "visualizer": {"type": "Visualizer"}}), device="cpu")  # fmt: skip
    load(io.BytesIO(pickle.dumps(OrderedDict(a=1))), "pkl", trusted=False)
    safetensors.torch.save({"w": torch.zeros(1)})


_warm()


class _Line(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x: Any, mode: str = "tensor") -> Any:
        return {"loss": self.layer(x).mean()} if mode == "loss" else self.layer(x)


def _runner(folder: str) -> Runner:
    """What a checkpoint is loaded into, or goes on in."""
    return Runner(
        _Line(),
        folder,
        train_dataloader={"dataset": [torch.ones(1)] * 8, "batch_size": 2,
                          "sampler": {"type": "DefaultSampler", "shuffle": True}},
        train_cfg={"by_epoch": True, "max_epochs": 4},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
        param_scheduler={"type": "LinearLR"},
        randomness={"seed": 1},
        log_level="ERROR",
    )  # fmt: skip


_FOLDER = tempfile.TemporaryDirectory()
RUNNER = _runner(_FOLDER.name)


def _warm_training() -> None:
    """What going on with any training imports."""
    path = Path(_FOLDER.name) / "good.pth"
    torch.save(trained(), path)
    _runner(f"{_FOLDER.name}/warm").resume(str(path))
    str(torch.zeros(1))


_warm_training()


def read(case: dict[str, Any]) -> str:
    """Read a case, and say what came of it."""
    address = case["address"]
    try:
        if case["how"] == "read":
            read_file(address)
        elif case["how"] == "load":
            CheckpointLoader.load_checkpoint(address, "cpu", "silent")
        elif case["how"] == "newest":
            return f"newest {find_latest_checkpoint(address)}"
        elif case["how"] == "load_from":
            RUNNER.load_checkpoint(address)
        elif case["how"] == "resume":
            RUNNER.resume(address)
        elif case["how"] == "pickle":
            load(address, trusted=False)
        else:
            found = Inferencer(weights=address, device="cpu", show_progress=False)
            found(torch.zeros(1, 1))
    except _ANSWERS as error:
        return f"{type(error).__name__}: {error!s:.300}"
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        if case["how"] in ("infer", "load_from", "pickle", "resume"):  # a mistake in what it says
            return f"{type(error).__name__}: {error!s:.300}"
        raise
    return "read"
