"""A test case with all that a small training needs."""

from __future__ import annotations

import copy
import os
import tempfile
import time
import uuid
from typing import Any, ClassVar
from unittest import TestCase

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_config import Config
from engine_evaluator import BaseMetric
from engine_logging import MessageHub, MMLogger
from engine_model import BaseModel
from engine_registry import DATASETS, METRICS, MODELS, DefaultScope
from engine_runner.runner import Runner
from engine_visual import Visualizer

__all__ = ["RunnerTestCase"]


class ToyModel(BaseModel):
    """Two linear layers; its loss is the difference of their outputs and the labels."""

    def __init__(self, data_preprocessor: nn.Module | dict[str, Any] | None = None) -> None:
        super().__init__(data_preprocessor=data_preprocessor)
        self.linear1 = nn.Linear(2, 2)
        self.linear2 = nn.Linear(2, 1)

    def forward(self, inputs: Any, data_samples: Any = None, mode: str = "tensor") -> Any:
        """Return what ``mode`` asks for."""
        labels = torch.stack(data_samples) if isinstance(data_samples, list) else data_samples
        inputs = torch.stack(inputs) if isinstance(inputs, list) else inputs
        outputs = self.linear2(self.linear1(inputs))
        if mode == "loss":
            return {"loss": (labels - outputs).square().mean()}
        return outputs


class ToyDataset(Dataset[dict[str, Tensor]]):
    """Twelve points; ``metainfo`` is theirs."""

    METAINFO: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.data = torch.randn(12, 2, generator=generator)
        self.label = torch.ones(12)

    @property
    def metainfo(self) -> dict[str, Any]:
        """What is known of all points."""
        return self.METAINFO

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"inputs": self.data[index], "data_samples": self.label[index]}


class ToyMetric(BaseMetric):
    """Always finds an accuracy of 1."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        """Keep that there was a batch."""
        self.results.append({"acc": 1})

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        """Return the accuracy."""
        return {"acc": 1}


_TOYS = ((MODELS, ToyModel), (DATASETS, ToyDataset), (METRICS, ToyMetric))


class RunnerTestCase(TestCase):
    """Gives tests configs of small trainings, a folder that is removed, and a clean slate.

    While a test runs ``ToyModel``, ``ToyDataset`` and ``ToyMetric`` are registered.

    Attributes:
        epoch_based_cfg: config of a runner that trains for two epochs, and validates and tests.
        iter_based_cfg: the same, for twelve iterations.
        temp_dir: the folder, a `tempfile.TemporaryDirectory`, that both work in.
        dist_cfg: the environment that `setup_dist_env` sets.
    """

    dist_cfg: ClassVar[dict[str, Any]] = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": 29600,
        "RANK": "0",
        "WORLD_SIZE": "1",
        "LOCAL_RANK": "0",
    }

    def setUp(self) -> None:
        """Register the toys, and make folder and configs."""
        super().setUp()
        self._environment = dict(os.environ)
        self._replaced = [registry.module_dict.get(toy.__name__) for registry, toy in _TOYS]
        for registry, toy in _TOYS:
            registry.register_module(module=toy, force=True)
        self.temp_dir = tempfile.TemporaryDirectory(prefix="engine-test-")
        self.epoch_based_cfg = Config(_config(self.temp_dir.name))
        self.iter_based_cfg = copy.deepcopy(self.epoch_based_cfg)
        self.iter_based_cfg.merge_from_dict(
            {
                "train_dataloader.sampler.type": "InfiniteSampler",
                "log_processor": {"by_epoch": False},
                "default_hooks.checkpoint": {
                    **{"type": "CheckpointHook", "interval": 12, "by_epoch": False}
                },
            }
        )
        self.iter_based_cfg.train_cfg = {"by_epoch": False, "max_iters": 12}

    def tearDown(self) -> None:
        """Leave nothing behind: processes, environment, named instances, toys, files."""
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
        os.environ.clear()
        os.environ.update(self._environment)
        for instance in [*MMLogger._instance_dict.values(), *Visualizer._instance_dict.values()]:
            instance.close()
        for kind in (MMLogger, MessageHub, Visualizer, DefaultScope):
            kind._instance_dict.clear()
        for (registry, toy), before in zip(_TOYS, self._replaced, strict=True):
            registry.module_dict.pop(toy.__name__, None)
            if before is not None:
                registry.module_dict[toy.__name__] = before
        self.clear_work_dir()
        super().tearDown()

    @property
    def experiment_name(self) -> str:
        """A name that no other run has."""
        return f"{self._testMethodName}_{time.time()} + {uuid.uuid4()}"

    def build_runner(self, cfg: Config) -> Runner:
        """Return the runner of a config, under a name that no other has."""
        cfg.experiment_name = self.experiment_name
        return Runner.from_cfg(cfg)

    def setup_dist_env(self) -> None:
        """Set the environment of a group of one process; the port is another one each time."""
        self.dist_cfg["MASTER_PORT"] += 1
        os.environ.update({name: str(value) for name, value in self.dist_cfg.items()})

    def clear_work_dir(self) -> None:
        """Remove the folder."""
        self.temp_dir.cleanup()


def _config(work_dir: str) -> dict[str, Any]:
    def loader(*, shuffle: bool) -> dict[str, Any]:
        return {
            "dataset": {"type": "ToyDataset"},
            "sampler": {"type": "DefaultSampler", "shuffle": shuffle},
            "batch_size": 3,
            "num_workers": 0,
        }

    return {
        "model": {"type": "ToyModel"},
        "work_dir": work_dir,
        "train_dataloader": loader(shuffle=True),
        "val_dataloader": loader(shuffle=False),
        "test_dataloader": loader(shuffle=False),
        "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1}},
        "train_cfg": {"by_epoch": True, "max_epochs": 2, "val_interval": 1},
        "val_cfg": {},
        "test_cfg": {},
        "val_evaluator": [{"type": "ToyMetric"}],
        "test_evaluator": [{"type": "ToyMetric"}],
        "default_hooks": {"logger": {"type": "LoggerHook", "interval": 1}},
        "custom_hooks": [],
        "env_cfg": {"dist_cfg": {"backend": "gloo"}},
        "experiment_name": "test1",
    }
