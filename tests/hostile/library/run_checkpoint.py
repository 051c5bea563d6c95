"""What the judge does with a hostile checkpoint: reads it by a function that users call."""

from __future__ import annotations

import io
import pickle
import warnings
from collections import OrderedDict
from typing import Any

import safetensors.torch
import torch
import yaml  # noqa: F401

import engine_runner  # noqa: F401
from engine_config import Config, ConfigError
from engine_fileio import load
from engine_fileio.errors import UntrustedError
from engine_registry import MODELS, RegistryError
from engine_runner.checkpoint import (
    CheckpointError,
    CheckpointLoader,
    find_latest_checkpoint,
    read_file,
)
from engine_runner.infer import Inferencer

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
        elif case["how"] == "pickle":
            load(address, trusted=False)
        else:
            Inferencer(weights=address, device="cpu", show_progress=False)
    except _ANSWERS as error:
        return f"{type(error).__name__}: {error!s:.300}"
    except (KeyError, TypeError, ValueError) as error:
        if case["how"] in ("infer", "pickle"):  # a mistake in a config, or in a pickle
            return f"{type(error).__name__}: {error!s:.300}"
        raise
    return "read"
