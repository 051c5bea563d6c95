"""What a runner consists of: what was asked for, what was built, and where that is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from engine_checkpoint import LoadReport
from engine_config import Config
from engine_dist import get_dist_info, is_distributed
from engine_logging import MessageHub, MMLogger
from engine_runner.hooks import Hook, HookTable
from engine_runner.logs import LogProcessor, ProgressBar
from engine_runner.state import TrainState
from engine_runner.strategy import BaseStrategy

__all__ = ["RunnerParts"]


class RunnerParts:
    """The parts of a runner, and the properties by which others read them.

    What was asked for stays as it was given, in ``_asked``; a loop is built when it is needed.
    """

    model: nn.Module
    cfg: Config
    state: TrainState
    strategy: BaseStrategy
    logger: MMLogger
    message_hub: MessageHub
    visualizer: Any
    log_processor: LogProcessor
    progress_bar: ProgressBar | None
    optim_wrapper: Any
    param_schedulers: Any
    auto_scale_lr: dict[str, Any] | None

    # What the parts of a runner call of one another.
    call_hook: Callable[..., None]
    build_optim_wrapper: Callable[[Any], Any]
    _build_optimizer: Callable[[], None]
    build_param_scheduler: Callable[[Any], Any]
    set_randomness: Callable[..., None]

    _arguments: dict[str, Any]  # what this runner was made of
    _asked: dict[str, Any]
    _loops: dict[str, Any]
    _table: HookTable
    _work_dir: str
    _log_dir: str
    _timestamp: str
    _experiment_name: str
    _launcher: str
    _loss: Any
    _load_from: str | None
    _resume: bool
    _has_loaded: bool
    resumed_from: str | None = None  # the address of the checkpoint
    _has_joined: bool
    _load_report: LoadReport  # of the weights that were loaded last
    _left_out: set[str]  # what was said of what checkpoints can't hold
    _randomness: dict[str, Any]
    _seed: int | None

    @property
    def experiment_name(self) -> str:
        """The name of this run; its logger, hub and visualizer are found by it."""
        return self._experiment_name

    @property
    def model_name(self) -> str:
        """The class of the model."""
        return self._model_name

    _model_name: str

    @property
    def work_dir(self) -> str:
        """The folder of checkpoints and logs."""
        return self._work_dir

    @property
    def log_dir(self) -> str:
        """The folder of this run's logs, in the work_dir."""
        return self._log_dir

    @property
    def timestamp(self) -> str:
        """When this run began, as YYYYmmdd_HHMMSS; the same on all ranks."""
        return self._timestamp

    @property
    def launcher(self) -> str:
        """What started the processes."""
        return self._launcher

    @launcher.setter
    def launcher(self, name: str) -> None:
        self._launcher = name

    @property
    def resumes(self) -> bool:
        """Whether this runner was asked to go on with a training."""
        return self._resume

    @property
    def distributed(self) -> bool:
        """Whether there is a process group."""
        return is_distributed()

    @property
    def rank(self) -> int:
        """Which process this is, from 0."""
        return get_dist_info()[0]

    @property
    def world_size(self) -> int:
        """How many processes there are."""
        return get_dist_info()[1]

    @property
    def seed(self) -> int | None:
        """The seed of this run, without the rank."""
        return self._seed

    @property
    def deterministic(self) -> bool:
        """Whether torch was asked for deterministic algorithms."""
        return bool(self._randomness.get("deterministic", False))

    @property
    def diff_rank_seed(self) -> bool:
        """Whether each rank has a seed of its own."""
        return bool(self._randomness.get("diff_rank_seed", False))

    @property
    def per_sample(self) -> bool:
        """Whether the random numbers of a training sample depend on it, not on who reads it."""
        return bool(self._randomness.get("per_sample", False))

    @property
    def hooks(self) -> list[Hook]:
        """All hooks, in the order in which they are called."""
        return self._table.hooks

    @property
    def epoch(self) -> int:
        """Epochs that were finished."""
        loop = self._loops.get("train")
        return self.state.epoch if loop is None else loop.epoch

    @property
    def iter(self) -> int:
        """Batches that were trained on."""
        loop = self._loops.get("train")
        return self.state.iteration if loop is None else loop.iter

    @property
    def max_epochs(self) -> int | None:
        """Epochs to train; None without a training loop."""
        return self._limit("max_epochs", 1)

    @property
    def max_iters(self) -> int | None:
        """Batches to train on; None where only a loop that is yet to be built knows."""
        return self._limit("max_iters", None)

    def _limit(self, name: str, otherwise: int | None) -> int | None:
        loop = self._loops.get("train")
        if loop is not None:
            limit: int = getattr(loop, name)
            return limit
        asked = self._asked["train_cfg"]
        return None if asked is None else asked.get(name, otherwise)

    @property
    def val_interval(self) -> int:
        """Epochs or iterations between validations."""
        interval: int = self.train_loop.val_interval
        return interval

    @property
    def val_begin(self) -> int:
        """The epoch or iteration before which nothing is validated."""
        begin: int = self.train_loop.val_begin
        return begin

    @property
    def train_loop(self) -> Any:
        """The training loop, built when it is first asked for; None if there is none to build."""
        return self._loop("train")

    @property
    def val_loop(self) -> Any:
        """The validation loop, built when it is first asked for; None if there is none to build."""
        return self._loop("val")

    @property
    def test_loop(self) -> Any:
        """The test loop, built when it is first asked for; None if there is none to build."""
        return self._loop("test")

    def _loop(self, mode: str) -> Any:
        raise NotImplementedError("the runner builds its loops")

    @property
    def train_dataloader(self) -> Any:
        """The training data, as a loader."""
        return self.train_loop.dataloader

    @property
    def val_dataloader(self) -> Any:
        """The validation data, as a loader."""
        return self.val_loop.dataloader

    @property
    def test_dataloader(self) -> Any:
        """The test data, as a loader."""
        return self.test_loop.dataloader

    @property
    def val_evaluator(self) -> Any:
        """What measures in validation."""
        return self.val_loop.evaluator

    @property
    def test_evaluator(self) -> Any:
        """What measures in a test."""
        return self.test_loop.evaluator
