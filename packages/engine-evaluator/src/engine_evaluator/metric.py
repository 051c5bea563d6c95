"""What measures a model's predictions."""

from __future__ import annotations

import logging
from abc import ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from torch import Tensor

from engine_dist import broadcast_object_list, collect_results, is_main_process
from engine_fileio import dump
from engine_registry.trust import reaches_out
from engine_structures import BaseDataElement

__all__ = ["BaseMetric", "DumpResults", "to_cpu"]

logger = logging.getLogger(__name__)

_PLAIN: Final = frozenset({bool, int, float, str, bytes, type(None)})


class BaseMetric(metaclass=ABCMeta):
    """Takes in predictions batch by batch, and gives numbers at the end.

    `process` puts what it needs of a batch into ``self.results``; `compute_metrics` gets the
    results of all ranks, and runs on the main one.

    Args:
        collect_device: how results of other ranks travel: ``"cpu"`` (through files) or ``"gpu"``.
        prefix: comes before each name, with a slash; by default `default_prefix`.
        collect_dir: the folder of those files; by default a temporary one.

    Raises:
        ValueError: ``collect_dir`` is given, and ``collect_device`` isn't ``"cpu"``.
    """

    default_prefix: str | None = None

    def __init__(
        self,
        collect_device: str = "cpu",
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        if collect_dir is not None and collect_device != "cpu":
            raise ValueError(
                f"collect_dir is for collect_device='cpu', got collect_device={collect_device!r}"
            )
        self._dataset_meta: dict[str, Any] | None = None
        self.collect_device = collect_device
        self.results: list[Any] = []
        self.prefix = prefix or self.default_prefix
        self.collect_dir = collect_dir
        if self.prefix is None:
            logger.warning(
                "%s has neither prefix nor default_prefix: others may have numbers of these names",
                type(self).__name__,
            )

    @property
    def dataset_meta(self) -> dict[str, Any] | None:
        """What is known of the data set, such as class names."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict[str, Any]) -> None:
        self._dataset_meta = dataset_meta

    def begin_evaluation(self, size: int) -> None:
        """Begin an evaluation; forgets what one that was broken off has left.

        Args:
            size: how many samples there are, on all ranks together.
        """
        self.results.clear()

    @abstractmethod
    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Put what is needed of a batch into ``self.results``.

        Args:
            data_batch: the batch, as the loader gave it.
            data_samples: the model's predictions; data elements come as dicts.
        """

    @abstractmethod
    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        """Return the numbers, by name.

        Args:
            results: all that `process` put down, of all ranks, in the order of the data set.
        """

    def evaluate(self, size: int) -> dict[str, Any]:
        """Return the numbers, by prefixed name, on every rank, and forget the results.

        Args:
            size: how many samples there are; what goes beyond them was added by a sampler to give
                every rank as many.
        """
        if not self.results:
            logger.warning(
                "%s has no results: append to self.results in process(), unless you keep them in "
                "another way",
                type(self).__name__,
            )
        results = collect_results(self.results, size, self.collect_device, tmpdir=self.collect_dir)
        found: list[Any] = [None]
        if is_main_process():
            metrics = self.compute_metrics(to_cpu(results))
            if self.prefix:
                metrics = {f"{self.prefix}/{name}": value for name, value in metrics.items()}
            found = [metrics]
        broadcast_object_list(found)
        self.results.clear()
        metrics_of_all: dict[str, Any] = found[0]
        return metrics_of_all


@reaches_out
class DumpResults(BaseMetric):
    """Writes all predictions into a file, for `Evaluator.offline_evaluate` or a look by eye.

    Args:
        out_file_path: a ``.pkl`` or ``.pickle`` file.
        collect_device: as `BaseMetric`.
        collect_dir: as `BaseMetric`.

    Raises:
        ValueError: it is no such file.
    """

    def __init__(
        self, out_file_path: str, collect_device: str = "cpu", collect_dir: str | None = None
    ) -> None:
        super().__init__(collect_device=collect_device, collect_dir=collect_dir)
        if not out_file_path.endswith((".pkl", ".pickle")):
            raise ValueError(
                f"predictions go into a .pkl or .pickle file: got out_file_path={out_file_path!r}"
            )
        self.out_file_path = out_file_path

    def process(self, data_batch: Any, predictions: Sequence[dict[str, Any]]) -> None:
        """Keep the predictions."""
        self.results.extend(to_cpu(predictions))

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        """Write the file; there are no numbers."""
        dump(results, self.out_file_path)
        logger.info("the predictions are in %s", self.out_file_path)
        return {}


def to_cpu(data: Any) -> Any:
    """Return ``data`` with every tensor and data element in it on the CPU, without gradients."""
    if isinstance(data, Tensor | BaseDataElement):
        return data.detach().cpu()
    if isinstance(data, list):
        return [each if type(each) in _PLAIN else to_cpu(each) for each in data]
    if isinstance(data, tuple):
        parts = [each if type(each) in _PLAIN else to_cpu(each) for each in data]
        return type(data)(*parts) if hasattr(data, "_fields") else tuple(parts)
    if isinstance(data, Mapping):
        return {
            key: value if type(value) in _PLAIN else to_cpu(value) for key, value in data.items()
        }
    return data
