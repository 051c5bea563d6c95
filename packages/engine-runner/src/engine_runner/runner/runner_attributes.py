"""Attributes of a runner: what each is, and who may set it."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_config import Config
from engine_dist import get_dist_info, is_distributed
from engine_logging import MessageHub, MMLogger
from engine_registry import DefaultScope
from engine_registry.overridable import overridable
from engine_runner.hooks import Hook
from engine_runner.logs import LogProcessor, ProgressBar
from engine_runner.runner.private_names import PrivateNames
from engine_runner.state import TrainState
from engine_runner.strategy import BaseStrategy

__all__ = ["RunnerAttributes"]


class RunnerAttributes(PrivateNames):
    """The attributes of a runner; this class reads them and does nothing else.

    The constructor sets all of them. Beside it, the following may:

    Attributes:
        cfg: the whole config; nobody, it is read.
        model: the model as it is trained, in its wrapper; the strategy, when the optimizer joins
            it, and whoever replaces the model before a run.
        optim_wrapper: what applies the optimizer, or its config until `prepare_training` or a
            resume builds it; whoever replaces it before a run.
        param_schedulers: the schedulers, or their configs until they are built with it; likewise.
        auto_scale_lr: how to scale learning rates; whoever wants other ones before a run.
        strategy: what places the model; nobody.
        state: the clocks of the training, see `TrainState`; loops count them, a resume loads them.
        default_scope: the scope in which names are looked up first; nobody.
        logger: the log of the run; whoever wants another one.
        message_hub: the scalars and facts of the run; likewise.
        visualizer: where scalars and pictures go; likewise.
        log_processor: what makes log lines; likewise.
        progress_bar: the bar that is shown during a run, or None; the run.
    """

    cfg: Config
    model: nn.Module
    optim_wrapper: Any
    param_schedulers: Any
    auto_scale_lr: dict[str, Any] | None
    strategy: BaseStrategy
    state: TrainState
    default_scope: DefaultScope
    logger: MMLogger
    message_hub: MessageHub
    visualizer: Any
    log_processor: LogProcessor
    progress_bar: ProgressBar | None

    @property
    def experiment_name(self) -> str:
        """The name of this run; its logger, hub and visualizer are found by it."""
        return self._info.experiment_name

    @property
    def resumed_from(self) -> str | None:
        """The address of the checkpoint that this training goes on from."""
        return self._checkpointer.resumed_from

    @property
    def model_name(self) -> str:
        """The class of the model."""
        return self._info.model_name

    @property
    def work_dir(self) -> str:
        """The folder of checkpoints and logs."""
        return self._info.work_dir

    @property
    def log_dir(self) -> str:
        """The folder of this run's logs, in the work_dir."""
        return self._info.log_dir

    @property
    def timestamp(self) -> str:
        """When this run began, as YYYYmmdd_HHMMSS; the same on all ranks."""
        return self._info.timestamp

    @property
    def launcher(self) -> str:
        """What started the processes."""
        return self._info.launcher

    @launcher.setter
    def launcher(self, name: str) -> None:
        self._info.launcher = name

    @property
    def resumes(self) -> bool:
        """Whether this runner was asked to go on with a training."""
        return self._info.resume

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
        return self._info.seed

    @property
    def deterministic(self) -> bool:
        """Whether torch was asked for deterministic algorithms."""
        return self._info.deterministic

    @property
    def diff_rank_seed(self) -> bool:
        """Whether each rank has a seed of its own."""
        return self._info.diff_rank_seed

    @property
    def per_sample(self) -> bool:
        """Whether the random numbers of a training sample depend on it, not on who reads it."""
        return self._info.per_sample

    @property
    def hooks(self) -> list[Hook]:
        """All hooks, in the order in which they are called."""
        return self._hook_table.hooks

    @property
    def epoch(self) -> int:
        """Epochs that were finished."""
        loop = self._loops.train
        return self.state.epoch if loop is None else loop.epoch

    @property
    def iter(self) -> int:
        """Batches that were trained on."""
        loop = self._loops.train
        return self.state.iteration if loop is None else loop.iter

    @property
    def max_epochs(self) -> int | None:
        """Epochs to train; None without a training loop."""
        return self._loops.limit("max_epochs", 1)

    @property
    def max_iters(self) -> int | None:
        """Batches to train on; None where only a loop that is yet to be built knows."""
        return self._loops.limit("max_iters", None)

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
        loop = self._loops.train
        return self._loops.get("train") if loop is None else loop

    @property
    def val_loop(self) -> Any:
        """The validation loop, built when it is first asked for; None if there is none to build."""
        loop = self._loops.val
        return self._loops.get("val") if loop is None else loop

    @property
    def test_loop(self) -> Any:
        """The test loop, built when it is first asked for; None if there is none to build."""
        loop = self._loops.test
        return self._loops.get("test") if loop is None else loop

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

    @overridable
    def _deterministic(self) -> bool:
        return self.deterministic

    @overridable
    def _distributed(self) -> bool:
        return self.distributed

    @overridable
    def _rank(self) -> int:
        return self.rank

    @overridable
    def _world_size(self) -> int:
        return self.world_size
