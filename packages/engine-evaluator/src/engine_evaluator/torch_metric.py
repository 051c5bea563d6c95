"""Metrics of torchmetrics, or whatever has its three methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine_dist import get_comm_device, get_data_group, get_world_size
from engine_evaluator.select import Pick, predictions_of, targets_of
from engine_evaluator.streaming import StreamingMetric
from engine_registry import METRICS

__all__ = ["TorchMetric", "is_torch_metric"]


def is_torch_metric(given: Any) -> bool:
    """Whether ``given`` has torchmetrics' ``update``, ``compute`` and ``reset``, and isn't ours."""
    methods = ("update", "compute", "reset")
    return not hasattr(given, "process") and all(
        callable(getattr(given, name, None)) for name in methods
    )


class TorchMetric(StreamingMetric):
    """A metric or collection of torchmetrics, which merges the ranks' states itself.

    The evaluator makes one of each metric of torchmetrics that it is given as it is. Its numbers
    are called after its class, or as its collection calls them.

    Args:
        metric: the metric, or its config.
        pred: where the predictions are; see `predictions_of`. ``update`` gets them first.
        target: where the targets are; see `targets_of`. ``update`` gets them second.
        name: of the number, in place of the class's.
        prefix: comes before each name, with a slash.

    Raises:
        TypeError: ``metric`` has none of the three methods.
    """

    def __init__(
        self,
        metric: Any,
        pred: Pick = None,
        target: Pick = None,
        *,
        name: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix)
        self.metric: Any = METRICS.build(metric) if isinstance(metric, dict) else metric
        if not is_torch_metric(self.metric):
            raise TypeError(
                "TorchMetric: metric must have update, compute and reset, as those of torchmetrics "
                f"do, or be the config of one: got {self.metric!r:.200}"
            )
        self._pred, self._target = pred, target
        self._name = name or type(self.metric).__name__

    def update(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Hand predictions and targets on."""
        self.metric.update(
            predictions_of(self._pred, data_batch, data_samples),
            targets_of(self._target, data_batch, data_samples),
        )

    def to(self, device: torch.device) -> None:
        """Move the metric to a device, if it can be."""
        if hasattr(self.metric, "to"):
            self.metric = self.metric.to(device)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self.metric.reset()

    def evaluate(self, size: int) -> dict[str, Any]:
        """Return the numbers, by prefixed name, and forget the state.

        Args:
            size: how many samples there are; see `begin_evaluation`.
        """
        self.check_number(size)
        if not self.num_samples and get_world_size() > 1:  # it takes part in the merging
            self.to(get_comm_device())
        if (group := get_data_group()) is not None:
            for each in self.metric.modules() if hasattr(self.metric, "modules") else ():
                each.process_group = group  # torchmetrics merges the states of this group
        value = self.metric.compute()
        self.reset()
        found = value if isinstance(value, Mapping) else {self._name: value}
        head = f"{self.prefix}/" if self.prefix else ""
        return {f"{head}{name}": _plain(each) for name, each in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.item() if value.numel() == 1 else value.detach().cpu()
    return value
