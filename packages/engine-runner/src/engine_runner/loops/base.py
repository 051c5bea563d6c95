"""What a loop is."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any

from engine_runner.loaders import num_batches
from engine_runner.protocols import RunnerLike

__all__ = ["BaseLoop", "built_loader"]


class BaseLoop(metaclass=ABCMeta):
    """A pass, or many, over data.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader.

    Raises:
        ValueError: the loader is empty.
    """

    def __init__(self, runner: RunnerLike, dataloader: Any) -> None:
        self._runner = runner
        self.dataloader = built_loader(runner, dataloader, type(self).__name__)

    @property
    def runner(self) -> RunnerLike:
        """The runner that it works for."""
        return self._runner

    @abstractmethod
    def run(self) -> Any:
        """Do the whole of it."""


def built_loader(runner: RunnerLike, dataloader: Any, loop: str) -> Any:
    """Return a loader: what is one already, or one of a config.

    Args:
        runner: builds it.
        dataloader: the loader, or its config.
        loop: whose it is, for an error's message.

    Raises:
        ValueError: it is empty.
    """
    if isinstance(dataloader, dict):
        diff_rank_seed = getattr(runner, "diff_rank_seed", False)
        dataloader = runner.build_dataloader(
            dataloader, seed=runner.seed, diff_rank_seed=diff_rank_seed
        )
    _check_not_empty(dataloader, loop)
    return dataloader


def _check_not_empty(loader: Any, loop: str) -> None:
    if num_batches(loader) != 0:
        return
    dataset: Any = getattr(loader, "dataset", None)
    size = len(dataset) if hasattr(dataset, "__len__") else "unknown"
    why = (
        "drop_last leaves out the only, smaller batch"
        if size and getattr(loader, "drop_last", False)
        else "look at its ann_file, filter_cfg and indices"
    )
    raise ValueError(
        f"{loop}: the data loader is empty. Its data set {type(dataset).__name__} has {size} "
        f"samples, its batch_size is {getattr(loader, 'batch_size', None)}; {why}"
    )
