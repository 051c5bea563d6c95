"""Several metrics as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from engine_evaluator.metric import BaseMetric
from engine_evaluator.torch_metric import TorchMetric, is_torch_metric
from engine_registry import METRICS
from engine_structures import BaseDataElement

__all__ = ["Evaluator", "get_metric_value"]

_EVERY: Final = 2**62  # samples: none of them was added by a sampler


class Evaluator:
    """Hands predictions to each of its metrics, and puts their numbers together.

    Args:
        metrics: a metric, the config of one, or a sequence of them; those of torchmetrics among
            them, see `TorchMetric`.

    Raises:
        TypeError: something is neither.
    """

    def __init__(self, metrics: dict[str, Any] | BaseMetric | Sequence[Any]) -> None:
        self._dataset_meta: dict[str, Any] | None = None
        parts: Any = metrics if isinstance(metrics, Sequence) else [metrics]
        self.metrics: list[BaseMetric] = [_metric(part) for part in parts]

    @property
    def dataset_meta(self) -> dict[str, Any] | None:
        """What is known of the data set; setting it sets it in every metric."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict[str, Any]) -> None:
        self._dataset_meta = dataset_meta
        for metric in self.metrics:
            metric.dataset_meta = dataset_meta

    def begin_evaluation(self, size: int) -> None:
        """Tell every metric that wants to know it that an evaluation begins.

        Args:
            size: how many samples there are, on all ranks together.
        """
        for metric in self.metrics:
            if hasattr(metric, "begin_evaluation"):
                metric.begin_evaluation(size)

    def process(
        self, data_samples: Sequence[BaseDataElement | Any], data_batch: Any | None = None
    ) -> None:
        """Hand a batch to every metric; data elements as dicts."""
        samples = [
            sample.to_dict() if isinstance(sample, BaseDataElement) else sample
            for sample in data_samples
        ]
        for metric in self.metrics:
            metric.process(data_batch, samples)

    def evaluate(self, size: int) -> dict[str, Any]:
        """Return the numbers of all metrics, by name.

        Raises:
            ValueError: two metrics give the same name.
        """
        found: dict[str, Any] = {}
        for metric in self.metrics:
            numbers = metric.evaluate(size)
            for name in numbers:
                if name in found:
                    raise ValueError(
                        f"two metrics give the name {name!r}, the second is "
                        f"{type(metric).__name__}: give one of them a prefix"
                    )
            found.update(numbers)
        return found

    def offline_evaluate(
        self,
        data_samples: Sequence[Any],
        data: Sequence[Any] | None = None,
        chunk_size: int = 1,
    ) -> dict[str, Any]:
        """Return the numbers for predictions that were made before.

        Args:
            data_samples: the predictions.
            data: the samples that they were made for, as many.
            chunk_size: so many go to the metrics at once.

        Raises:
            ValueError: there are not as many data as predictions.
        """
        if data is not None and len(data) != len(data_samples):
            raise ValueError(
                f"there are {len(data_samples)} predictions, but {len(data)} samples in data"
            )
        size = 0
        self.begin_evaluation(_EVERY)
        for start in range(0, len(data_samples), chunk_size):
            chunk = data_samples[start : start + chunk_size]
            size += len(chunk)
            self.process(chunk, None if data is None else data[start : start + chunk_size])
        return self.evaluate(size)

    def __iter__(self) -> Iterator[BaseMetric]:
        return iter(self.metrics)


def _metric(part: Any) -> BaseMetric:
    built = METRICS.build(part) if isinstance(part, dict) else part
    if is_torch_metric(built):
        return TorchMetric(built)
    if callable(getattr(built, "process", None)) and callable(getattr(built, "evaluate", None)):
        metric: BaseMetric = built
        return metric
    raise TypeError(
        f"a metric has process() and evaluate(), or is the config of one: got {built!r}"
    )


def get_metric_value(indicator: str, metrics: dict[str, Any]) -> Any:
    """Return the number called ``indicator``, which may leave out the prefix if that is clear.

    Raises:
        ValueError: there is none of that name, or several.
    """
    if "/" in indicator:
        if indicator in metrics:
            return metrics[indicator]
        raise ValueError(f"no metric is called {indicator!r}; there are {sorted(metrics)}")
    found = [name for name in metrics if indicator in (name, name.split("/")[-1])]
    if not found:
        raise ValueError(f"no metric is called {indicator!r}; there are {sorted(metrics)}")
    if len(found) > 1:
        raise ValueError(f"several metrics are called {indicator!r}: {found}. Give the prefix, too")
    return metrics[found[0]]
