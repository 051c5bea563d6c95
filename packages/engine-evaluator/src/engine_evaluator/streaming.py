"""Metrics that use a batch up at once, and keep no predictions."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch

from engine_dist import get_data_info
from engine_evaluator.batch import device_of, first_samples, one_by_one
from engine_evaluator.metric import BaseMetric

__all__ = ["StreamingMetric"]

logger = logging.getLogger(__name__)


class StreamingMetric(BaseMetric):
    """Hands each batch to `update`, without the samples that a sampler repeated.

    A sampler gives every rank as many samples, and repeats some for that. `begin_evaluation`, which
    the loops call before the first batch, says how many samples there are, and so how many of them
    are this rank's: what comes after those is a repetition. They are the ones that a metric that
    gathers results cuts off.

    Args:
        prefix: comes before each name, with a slash; by default `default_prefix`.
    """

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        self.num_samples = 0
        self._share: int | None = None

    def begin_evaluation(self, size: int) -> None:
        """Begin an evaluation; forgets what one that was broken off has left.

        Args:
            size: how many samples there are, on all ranks together.
        """
        self.reset()
        self._share = _share(size)

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Hand a batch to `update`, with a prediction for each sample."""
        data_samples = one_by_one(data_samples, data_batch)
        number = len(data_samples)
        left = number if self._share is None else self._share - self.num_samples
        if number > left:
            number = max(left, 0)
            data_batch, data_samples = first_samples(data_batch, number), data_samples[:number]
        if not number:
            return
        if not self.num_samples:
            device = device_of(data_samples) or device_of(data_batch)
            self.to(torch.device("cpu") if device is None else device)
        self.num_samples += number
        self.update(data_batch, data_samples)

    @abstractmethod
    def update(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Use a batch up; nothing here should wait for the device.

        Args:
            data_batch: the batch, as the loader gave it.
            data_samples: the model's predictions; data elements come as dicts.
        """

    def to(self, device: torch.device) -> None:
        """Move what is kept to the device of the predictions; called before the first `update`."""

    def reset(self) -> None:
        """Forget everything."""
        self.results.clear()
        self.num_samples = 0
        self._share = None

    def check_number(self, size: int) -> None:
        """Warn if samples were counted that a sampler repeated: nobody has said how many are."""
        extra = self.num_samples - _share(size)
        if self._share is None and extra > 0:
            logger.warning(
                "%s has counted %d samples that a sampler repeated: call the evaluator's "
                "begin_evaluation(size) before the first batch",
                *(type(self).__name__, extra),
            )

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        """Raise: nothing is gathered that numbers could be computed from.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"{type(self).__name__} keeps no results; call evaluate()")


def _share(size: int) -> int:
    """How many of ``size`` samples, which are dealt to the ranks in turn, are this rank's."""
    rank, world_size = get_data_info()
    return max(0, -(-(size - rank) // world_size))
