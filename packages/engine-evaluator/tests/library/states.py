"""Metrics with a state, importable by other processes, and what they give there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine_dataset import DefaultSampler
from engine_dist import get_rank
from engine_evaluator import (
    BaseMetric,
    Evaluator,
    MeanIoU,
    MergeableMetric,
    TopKAccuracy,
    TorchMetric,
)


class Extremes(MergeableMetric):
    """Number, sum, least, greatest, and all of the predictions, which are numbers."""

    count: Tensor
    total: Tensor
    least: Tensor
    greatest: Tensor
    values: Any

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.add_state("count", torch.zeros((), dtype=torch.int64))
        self.add_state("total", torch.zeros(()))
        self.add_state("least", torch.tensor(float("inf")), reduce="min")
        self.add_state("greatest", torch.tensor(-float("inf")), reduce="max")
        self.add_state("values", reduce="cat")

    def update(self, data_batch: Any, data_samples: Any) -> None:
        found = torch.as_tensor(data_samples, dtype=torch.float32)
        self.count += len(found)
        self.total += found.sum()
        self.least = torch.minimum(self.least, found.min())
        self.greatest = torch.maximum(self.greatest, found.max())
        self.values.append(found)

    def compute(self) -> dict[str, Any]:
        return {
            "count": int(self.count),
            "total": float(self.total),
            "least": float(self.least),
            "greatest": float(self.greatest),
            "values": sorted(self.values.tolist()),
        }


class Summed:
    """What torchmetrics' metrics have, of a user's own."""

    def __init__(self) -> None:
        self.total = 0.0

    def update(self, pred: Tensor, target: Tensor) -> None:
        self.total += float((pred * target).sum())

    def compute(self) -> Any:
        return torch.tensor(self.total)

    def reset(self) -> None:
        self.total = 0.0


class Gathered(BaseMetric):
    """The accuracy, by gathering every prediction."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [int(scores.argmax() == y) for scores, y in data_samples]

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        return {"top1": sum(results) / len(results), "count": len(results)}


def labelled(size: int) -> tuple[Tensor, Tensor]:
    """Scores (size, 3) of samples, and their classes."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(size, 3, generator=generator), torch.randint(
        0, 3, (size,), generator=generator
    )


def evaluated(size: int, batch_size: int = 4) -> dict[str, Any]:
    """The numbers of this rank for its part of ``size`` samples, as a sampler deals them."""
    scores, classes = labelled(size)
    evaluator = Evaluator([TopKAccuracy((1, 2)), MeanIoU(3), Gathered(prefix="gathered")])
    indices = [*DefaultSampler(range(size), shuffle=False)]
    evaluator.begin_evaluation(size)
    for start in range(0, len(indices), batch_size):
        own = indices[start : start + batch_size]
        evaluator.process([(scores[i], classes[i]) for i in own], (scores[own], classes[own]))
    return evaluator.evaluate(size)


def extremes_of_a_rank(make: Callable[[], Extremes] = Extremes) -> dict[str, Any]:
    """What a rank gets for the numbers 0 to 4, and when the second rank has none at all."""
    dealt = make()
    dealt.begin_evaluation(5)
    dealt.process(None, [float(i) for i in DefaultSampler(range(5), shuffle=False)])
    alone = make()
    alone.begin_evaluation(1)
    alone.process(None, [7.0])
    return {"dealt": dealt.evaluate(5), "alone": alone.evaluate(1)}


def on_a_rank(size: int) -> dict[str, Any]:
    """All of it, in one group of processes."""
    return {"rank": get_rank(), "evaluated": evaluated(size), **extremes_of_a_rank()}


def wrapped() -> TorchMetric:
    """A `TorchMetric` around `Summed`."""
    return TorchMetric(Summed(), name="sum")
