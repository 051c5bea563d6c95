"""Collate functions on nested samples."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest
import torch

from engine_dataset import COLLATE_FUNCTIONS, default_collate, pseudo_collate
from engine_registry import FUNCTIONS
from engine_structures import BaseDataElement

Pair = namedtuple("Pair", ["image", "label"])


def test_pairs_become_two_lists_and_nothing_is_stacked() -> None:
    images = [torch.zeros(3, 2), torch.ones(3, 4)]
    batch = pseudo_collate([(images[0], "a"), (images[1], "b")])
    assert batch[0][0] is images[0]
    assert batch[0][1] is images[1]
    assert batch == [tuple(images), ("a", "b")]


def test_nested_samples_keep_their_structure() -> None:
    element = BaseDataElement()
    batch = pseudo_collate(
        [
            {"a": (1, ["x", b"y"]), "pair": Pair(1, 2), "none": None, "element": element},
            {"a": (3, ["z", b"w"]), "pair": Pair(3, 4), "none": None, "element": element},
        ]
    )
    assert batch["a"] == [(1, 3), [("x", "z"), (b"y", b"w")]]
    assert batch["pair"] == Pair((1, 3), (2, 4))
    assert batch["none"] == [None, None]
    assert batch["element"][0] is element


def test_mappings_keep_their_type() -> None:
    assert type(pseudo_collate([OrderedDict(a=1), OrderedDict(a=2)])) is OrderedDict


@pytest.mark.parametrize("collate", [pseudo_collate, default_collate])
def test_samples_of_different_lengths_are_refused_by_number(collate: Any) -> None:
    with pytest.raises(RuntimeError, match="sample 0 of the batch has 2 parts, sample 1 has 1"):
        collate([(1, 2), (3,)])


def test_tensors_arrays_and_numbers_are_stacked() -> None:
    batch = default_collate(
        [
            {"t": torch.ones(2), "a": np.zeros(3), "i": 1, "f": 2.5, "s": "x", "n": None},
            {"t": torch.zeros(2), "a": np.ones(3), "i": 2, "f": 3.5, "s": "y", "n": None},
        ]
    )
    assert batch["t"].tolist() == [[1, 1], [0, 0]]
    assert batch["a"].shape == (2, 3)
    assert batch["i"].tolist() == [1, 2]
    assert batch["f"].dtype == torch.float64
    assert batch["s"] == ["x", "y"]
    assert batch["n"] == [None, None]


def test_lists_are_stacked_place_by_place_and_elements_stay() -> None:
    batch = default_collate([[1, BaseDataElement()], [2, BaseDataElement()]])
    assert batch[0].tolist() == [1, 2]
    assert [type(each) for each in batch[1]] == [BaseDataElement, BaseDataElement]


def test_tensors_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
        default_collate([torch.ones(2), torch.ones(3)])


@pytest.mark.parametrize("name", ["pseudo_collate", "default_collate"])
def test_they_are_found_by_name(name: str) -> None:
    assert COLLATE_FUNCTIONS is FUNCTIONS
    assert FUNCTIONS.get(name).__name__ == name
