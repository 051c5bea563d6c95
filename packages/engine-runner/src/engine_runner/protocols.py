"""What loops, hooks and logs see of a runner: no more than this."""

from __future__ import annotations

from typing import Any, Protocol

from torch import nn

from engine_logging import MessageHub, MMLogger
from engine_runner.state import TrainState

__all__ = ["RunnerLike"]


class RunnerLike(Protocol):
    """A runner as its parts see it."""

    model: nn.Module
    optim_wrapper: Any
    param_schedulers: Any
    state: TrainState
    logger: MMLogger
    message_hub: MessageHub
    visualizer: Any
    log_processor: Any
    progress_bar: Any
    cfg: Any
    strategy: Any

    @property
    def epoch(self) -> int:
        """Epochs that were finished."""

    @property
    def iter(self) -> int:
        """Batches that were trained on."""

    @property
    def max_epochs(self) -> int | None:
        """Epochs to train; None without a training loop."""

    @property
    def max_iters(self) -> int | None:
        """Batches to train on; None without a training loop."""

    @property
    def train_loop(self) -> Any:
        """The training loop."""

    @property
    def val_loop(self) -> Any:
        """The validation loop, or None."""

    @property
    def train_dataloader(self) -> Any:
        """The training data."""

    @property
    def val_dataloader(self) -> Any:
        """The validation data."""

    @property
    def test_dataloader(self) -> Any:
        """The test data."""

    @property
    def val_evaluator(self) -> Any:
        """What measures in validation."""

    @property
    def test_evaluator(self) -> Any:
        """What measures in a test."""

    @property
    def work_dir(self) -> str:
        """Where checkpoints go."""

    @property
    def log_dir(self) -> str:
        """Where the logs of this run go."""

    @property
    def timestamp(self) -> str:
        """When this run began."""

    @property
    def experiment_name(self) -> str:
        """The name of this run."""

    @property
    def seed(self) -> int | None:
        """The seed of this run."""

    @property
    def resumes(self) -> bool:
        """Whether it was asked to go on with a training."""

    @property
    def distributed(self) -> bool:
        """Whether there are several processes."""

    @property
    def rank(self) -> int:
        """Which of them this is."""

    @property
    def world_size(self) -> int:
        """How many they are."""

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call a stage of every hook."""

    def build_dataloader(
        self, dataloader: Any, seed: int | None = None, diff_rank_seed: bool = False
    ) -> Any:
        """Return the loader of a config."""

    def build_evaluator(self, evaluator: Any) -> Any:
        """Return the evaluator of a config."""

    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        file_client_args: dict[str, Any] | None = None,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        meta: dict[str, Any] | None = None,
        by_epoch: bool = True,
        backend_args: dict[str, Any] | None = None,
        *,
        write: Any = None,
    ) -> None:
        """Write a checkpoint."""
