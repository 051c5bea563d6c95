"""Data sets that replace `__init__` and `full_init`, as libraries of MMEngine's world have them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from engine_dataset import BaseDataset, Compose, ConcatDataset

PACKED = pytest.mark.parametrize("serialize_data", [True, False], ids=["packed", "plain"])


class OwnInit(BaseDataset):
    """Doesn't call the base class's ``__init__``."""

    METAINFO = {"classes": ("even", "odd")}  # noqa: RUF012

    def __init__(
        self, serialize_data: bool = True, indices: Any = None, lazy: bool = False
    ) -> None:
        self._metainfo = self._load_metainfo({"task": "toy"})
        self.data_list = []
        self._indices = indices
        self.serialize_data = serialize_data
        self.pipeline = Compose([])
        if not lazy:
            self.full_init()

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": number} for number in range(10)]


class OwnFullInit(BaseDataset):
    """Packs its annotations itself."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": number} for number in range(10)]

    def full_init(self) -> None:
        if self._fully_initialized:
            return
        self.data_list = self.load_data_list()
        self.data_list = self.filter_data()
        if self._indices is not None:
            self.data_list = self._get_unserialized_subset(self._indices)
        if self.serialize_data:
            self.data_bytes, self.data_address = self._serialize_data()
        self._fully_initialized = True


class WithoutThree(BaseDataset):
    """Packs all but one."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": number} for number in range(5)]

    def _serialize_data(self) -> tuple[Any, Any]:
        kept = [each for each in self.data_list if each["value"] != 3]
        self.data_list = kept
        return super()._serialize_data()


def values(dataset: Any) -> list[int]:
    return [dataset[index]["value"] for index in range(len(dataset))]


@PACKED
@pytest.mark.parametrize("kind", [OwnInit, OwnFullInit])
def test_they_load_copy_and_give_subsets(kind: Any, serialize_data: bool) -> None:
    dataset = kind(serialize_data=serialize_data)
    assert values(dataset) == [*range(10)]
    assert dataset[-1] == {"value": 9, "sample_idx": 9}
    assert values(dataset.get_subset([2, 7])) == [2, 7]
    assert values(pickle.loads(pickle.dumps(dataset))) == [*range(10)]
    assert values(copy.deepcopy(dataset)) == [*range(10)]
    dataset.get_subset_(-3)
    assert values(dataset) == [7, 8, 9]
    assert values(kind(serialize_data=serialize_data, indices=4)) == [0, 1, 2, 3]
    assert (len(dataset.data_bytes) > 0) == serialize_data


def test_they_are_lazy_and_concatenated() -> None:
    lazy = OwnInit(lazy=True)
    assert not lazy._fully_initialized and lazy.metainfo["task"] == "toy"
    assert values(ConcatDataset([lazy, OwnInit()])) == [*range(10)] * 2


def test_a_packing_of_a_subclass_is_called() -> None:
    assert values(WithoutThree()) == [0, 1, 2, 4]


def test_packed_annotations_can_be_assigned() -> None:
    dataset, other = OwnInit(), WithoutThree()
    dataset.data_bytes, dataset.data_address = other.data_bytes, other.data_address
    assert values(dataset) == [0, 1, 2, 4]
    dataset.serialize_data = False
    dataset.data_list = [{"value": 5}]
    assert values(dataset) == [5]
    assert isinstance(dataset.data_address, np.ndarray)
