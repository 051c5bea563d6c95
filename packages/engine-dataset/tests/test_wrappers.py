"""Data sets made of data sets, in the order that MMEngine gives them."""

from __future__ import annotations

from typing import Any

import pytest
from annotated import Numbered
from torch.utils.data import TensorDataset

from engine_dataset import ClassBalancedDataset, ConcatDataset, RepeatDataset
from engine_registry import DATASETS

CLASSES = [[0], [0], [0, 1], [0], [2], [0, 0], [], [1], [0], [0]]
# Recorded by running mmengine 0.10.7 on data sets with these classes.
BALANCED = {
    0.1: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    0.3: [0, 1, 2, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9],
    0.5: [0, 1, 2, 2, 3, 4, 4, 4, 5, 6, 7, 7, 8, 9],
    0.9: [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7, 7, 7, 8, 8, 9, 9],
    1.0: [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5, 6, 7, 7, 7, 8, 8, 9, 9],
}


def values(dataset: Any) -> list[int]:
    return [dataset[index]["value"] for index in range(len(dataset))]


def test_concatenated_data_sets_come_one_after_another() -> None:
    dataset = ConcatDataset([Numbered(3), Numbered(4)])
    assert values(dataset) == [0, 1, 2, 0, 1, 2, 3]
    assert [dataset[index]["value"] for index in (-1, -7, -4)] == [3, 0, 0]
    assert dataset.get_data_info(6)["sample_idx"] == 3
    assert dataset.get_data_info(-1)["value"] == 3
    for index in (7, -8):
        with pytest.raises(IndexError, match=f"index {index} of a ConcatDataset of 7 samples"):
            dataset[index]


def test_a_repeated_data_set_begins_anew() -> None:
    dataset = RepeatDataset(Numbered(3), 3)
    assert values(dataset) == [0, 1, 2] * 3
    assert dataset[-1]["value"] == 2
    assert dataset.get_data_info(4)["value"] == 1
    with pytest.raises(IndexError, match="index 9 of a RepeatDataset of 9 samples"):
        dataset[9]
    with pytest.raises(ValueError, match="times must be at least 1, got 0"):
        RepeatDataset(Numbered(3), 0)


@pytest.mark.parametrize("threshold", BALANCED)
def test_rare_classes_are_repeated_as_often_as_in_mmengine(threshold: float) -> None:
    dataset = ClassBalancedDataset(Numbered(10, CLASSES), threshold)
    assert values(dataset) == BALANCED[threshold]
    last = len(dataset) - 1
    assert dataset.get_cat_ids(last) == [0]
    assert dataset.get_data_info(last)["value"] == 9


@pytest.mark.parametrize("make", [
    lambda lazy: ConcatDataset([Numbered(3, [[0]] * 3, lazy_init=True)], lazy_init=lazy),
    lambda lazy: RepeatDataset(Numbered(3, [[0]] * 3, lazy_init=True), 1, lazy_init=lazy),
    lambda lazy: ClassBalancedDataset(Numbered(3, [[0]] * 3, lazy_init=True), 1e-3, lazy_init=lazy),
])  # fmt: skip
def test_what_is_wrapped_is_loaded_when_it_is_needed(make: Any) -> None:
    for lazy in (True, False):
        dataset = make(lazy)
        inner = dataset.dataset if hasattr(dataset, "dataset") else dataset.datasets[0]
        assert inner._fully_initialized is not lazy
        assert len(dataset) == 3
        assert values(dataset) == [0, 1, 2]
        assert dataset.metainfo == inner.metainfo
        dataset.metainfo["palette"].append(1)
        assert dataset.metainfo == inner.metainfo
        for refuse in (dataset.get_subset, dataset.get_subset_):
            with pytest.raises(NotImplementedError, match="Take the subset of what it wraps"):
                refuse([0])


def test_configs_are_built() -> None:
    DATASETS.register_module(name="NumberedOfATest", module=Numbered)
    config = {"type": "NumberedOfATest", "size": 2}
    try:
        assert len(ConcatDataset([config, config])) == 4
        assert len(RepeatDataset(config, 5)) == 10
    finally:
        DATASETS._module_dict.pop("NumberedOfATest", None)
    for wrong in (3, [1, 2]):
        with pytest.raises(TypeError, match="RepeatDataset takes a data set or a config of one"):
            RepeatDataset(wrong, 2)


def test_data_sets_with_different_metainfo_are_refused_unless_it_is_ignored() -> None:
    parts = [Numbered(1), Numbered(1, metainfo={"classes": ("cow",)})]
    with pytest.raises(ValueError, match=r"differ in metainfo\['classes'\]: data set 0 has"):
        ConcatDataset(parts)
    assert ConcatDataset(parts, ignore_keys="classes").metainfo["classes"] == ("cat", "dog")
    with pytest.raises(TypeError, match="ignore_keys must be a str or a list"):
        ConcatDataset(parts, ignore_keys=[1])
    more = [Numbered(1), Numbered(1, metainfo={"extra": 1})]
    with pytest.raises(ValueError, match=r"metainfo\['extra'\]: data set 0 has None"):
        ConcatDataset(more)
    assert len(ConcatDataset(more, ignore_keys=["extra"])) == 2
    with pytest.raises(ValueError, match="at least one data set"):
        ConcatDataset([])


def test_data_sets_of_torch_can_be_wrapped() -> None:
    import torch

    plain = TensorDataset(torch.arange(3))
    assert len(ConcatDataset([plain, plain])) == 6
    repeated = RepeatDataset(plain, 2)
    assert repeated[5][0].item() == 2
    assert repeated.metainfo == {}
