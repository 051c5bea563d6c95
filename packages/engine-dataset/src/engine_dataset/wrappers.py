"""Data sets made of data sets."""

from __future__ import annotations

import copy
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NoReturn

from torch.utils.data import ConcatDataset as TorchConcatDataset
from torch.utils.data import Dataset

from engine_dataset.base import BaseDataset
from engine_dataset.full_init import force_full_init
from engine_registry import DATASETS

__all__ = ["ClassBalancedDataset", "ConcatDataset", "RepeatDataset"]


def _built(dataset: Any, name: str) -> Any:
    """A data set, from itself or its config."""
    if isinstance(dataset, dict):
        return DATASETS.build(dataset)
    if isinstance(dataset, Dataset):
        return dataset
    raise TypeError(f"{name} takes a data set or a config of one: got {dataset!r:.200}")


class _Wrapper:
    """What the wrappers share: they are initialised with what they wrap, and have no subsets."""

    _fully_initialized = False
    _metainfo: dict[str, Any]

    @property
    def metainfo(self) -> dict[str, Any]:
        """A copy of what is known of all samples."""
        return copy.deepcopy(self._metainfo)

    def get_subset_(self, indices: list[int] | int) -> NoReturn:
        """Raise: take the subset of what is wrapped.

        Raises:
            NotImplementedError: always.
        """
        self._refuse_subset()

    def get_subset(self, indices: list[int] | int) -> Any:
        """Raise: take the subset of what is wrapped.

        Raises:
            NotImplementedError: always.
        """
        self._refuse_subset()

    def _refuse_subset(self) -> NoReturn:
        raise NotImplementedError(
            f"a {type(self).__name__} has no subset: its samples are others' samples, several "
            "times. Take the subset of what it wraps, by `indices` in its config"
        )


class NoDatasetError(ValueError, IndexError):
    """There is no data set in a list of them; MMEngine's is an IndexError."""


class ConcatDataset(_Wrapper, TorchConcatDataset[Any]):
    """Data sets one after another; ``metainfo`` is the first one's.

    Args:
        datasets: data sets, or configs of them.
        lazy_init: whether to load nothing until it is needed.
        ignore_keys: keys of ``metainfo`` that may differ.

    Raises:
        ValueError: there are none, or their ``metainfo`` differs.
        TypeError: one is neither data set nor config.
    """

    def __init__(
        self,
        datasets: Sequence[BaseDataset | dict[str, Any]],
        lazy_init: bool = False,
        ignore_keys: str | list[str] | None = None,
    ) -> None:
        if not datasets:
            raise NoDatasetError("ConcatDataset needs at least one data set")
        self.datasets = [_built(each, "ConcatDataset") for each in datasets]
        keys = [ignore_keys] if isinstance(ignore_keys, str) else list(ignore_keys or ())
        if not all(isinstance(key, str) for key in keys):
            raise TypeError(f"ignore_keys must be a str or a list of str, got {ignore_keys!r}")
        self.ignore_keys = keys
        self._metainfo = getattr(self.datasets[0], "metainfo", {})
        for index, dataset in enumerate(self.datasets[1:], start=1):
            self._compare(index, getattr(dataset, "metainfo", {}))
        if not lazy_init:
            self.full_init()

    def _compare(self, index: int, metainfo: dict[str, Any]) -> None:
        for key in {*self._metainfo, *metainfo} - {*self.ignore_keys}:
            first, other = self._metainfo.get(key), metainfo.get(key)
            if key not in self._metainfo or key not in metainfo or not _same(first, other):
                raise ValueError(
                    f"the data sets differ in metainfo[{key!r}]: data set 0 has {first!r:.100}, "
                    f"data set {index} has {other!r:.100}. Name it in ignore_keys if that is meant"
                )

    def full_init(self) -> None:
        """Initialise what is wrapped."""
        if self._fully_initialized:
            return
        for dataset in self.datasets:
            if hasattr(dataset, "full_init"):
                dataset.full_init()
        self.cumulative_sizes = [*accumulate(map(_size, self.datasets))]
        self._fully_initialized = True

    @force_full_init
    def _get_ori_dataset_idx(self, idx: int) -> tuple[int, int]:
        """Which data set, and which of its samples."""
        size = self.cumulative_sizes[-1]
        if not -size <= idx < size:
            raise IndexError(f"index {idx} of a ConcatDataset of {size} samples")
        idx %= size
        which = bisect_right(self.cumulative_sizes, idx)
        return which, idx - (self.cumulative_sizes[which - 1] if which else 0)

    @force_full_init
    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return the annotation of sample ``idx``."""
        which, own = self._get_ori_dataset_idx(idx)
        info: dict[str, Any] = self.datasets[which].get_data_info(own)
        return info

    @force_full_init
    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> Any:
        which, own = self._get_ori_dataset_idx(idx)
        return self.datasets[which][own]


class RepeatDataset(_Wrapper):
    """A data set several times over, so that an epoch is longer.

    Args:
        dataset: a data set, or a config of one.
        times: how often.
        lazy_init: whether to load nothing until it is needed.
    """

    def __init__(
        self, dataset: BaseDataset | dict[str, Any], times: int, lazy_init: bool = False
    ) -> None:
        self.dataset = _built(dataset, "RepeatDataset")
        if times < 1:
            raise ValueError(f"times must be at least 1, got {times}")
        self.times = times
        self._metainfo = getattr(self.dataset, "metainfo", {})
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Initialise what is wrapped."""
        if self._fully_initialized:
            return
        if hasattr(self.dataset, "full_init"):
            self.dataset.full_init()
        self._ori_len = len(self.dataset)
        self._fully_initialized = True

    @force_full_init
    def _get_ori_dataset_idx(self, idx: int) -> int:
        return idx % self._ori_len

    @force_full_init
    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return the annotation of sample ``idx``."""
        info: dict[str, Any] = self.dataset.get_data_info(self._get_ori_dataset_idx(idx))
        return info

    @force_full_init
    def __len__(self) -> int:
        return self.times * self._ori_len

    def __getitem__(self, idx: int) -> Any:
        if not -len(self) <= idx < len(self):
            raise IndexError(f"index {idx} of a RepeatDataset of {len(self)} samples")
        return self.dataset[self._get_ori_dataset_idx(idx)]


class ClassBalancedDataset(_Wrapper):
    """A data set with the samples of rare classes repeated (Gupta et al., arXiv:1908.03195, 3.1).

    With f(c) the fraction of samples that hold class c, a class is repeated
    r(c) = max(1, sqrt(oversample_thr / f(c))) times, and a sample as often as the class of it that
    is repeated most, rounded up.

    Args:
        dataset: a data set with ``get_cat_ids``, or a config of one.
        oversample_thr: the fraction below which a class is repeated.
        lazy_init: whether to load nothing until it is needed.
    """

    def __init__(
        self, dataset: BaseDataset | dict[str, Any], oversample_thr: float, lazy_init: bool = False
    ) -> None:
        self.dataset = _built(dataset, "ClassBalancedDataset")
        self.oversample_thr = oversample_thr
        self._metainfo = getattr(self.dataset, "metainfo", {})
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Initialise what is wrapped, and count its classes."""
        if self._fully_initialized:
            return
        if hasattr(self.dataset, "full_init"):
            self.dataset.full_init()
        factors = self._get_repeat_factors(self.dataset, self.oversample_thr)
        self.repeat_indices = [
            index for index, factor in enumerate(factors) for _ in range(math.ceil(factor))
        ]
        self._fully_initialized = True

    def _get_repeat_factors(self, dataset: Any, repeat_thr: float) -> list[float]:
        """How often each sample is repeated."""
        classes = [set(dataset.get_cat_ids(index)) for index in range(len(dataset))]
        num_samples = Counter(each for found in classes for each in found)
        repeat = {
            each: max(1.0, math.sqrt(repeat_thr * len(dataset) / number))
            for each, number in num_samples.items()
        }
        return [max((repeat[each] for each in found), default=1.0) for found in classes]

    @force_full_init
    def _get_ori_dataset_idx(self, idx: int) -> int:
        return self.repeat_indices[idx]

    @force_full_init
    def get_cat_ids(self, idx: int) -> list[int]:
        """Return the class of each object of sample ``idx``."""
        classes: list[int] = self.dataset.get_cat_ids(self._get_ori_dataset_idx(idx))
        return classes

    @force_full_init
    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return the annotation of sample ``idx``."""
        info: dict[str, Any] = self.dataset.get_data_info(self._get_ori_dataset_idx(idx))
        return info

    @force_full_init
    def __len__(self) -> int:
        return len(self.repeat_indices)

    def __getitem__(self, idx: int) -> Any:
        return self.dataset[self._get_ori_dataset_idx(idx)]


def _size(dataset: Any) -> int:
    return len(dataset)


def _same(first: Any, other: Any) -> bool:
    try:
        return bool(first == other)
    except ValueError:  # arrays
        return bool((first == other).all())
