"""Indexing and concatenation of InstanceData."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from structures_library import Boxes

from engine_structures import FieldShapeError, FieldTypeError, InstanceData

LENGTH = 5


def instances() -> InstanceData:
    return InstanceData(
        metainfo={"id": 1},
        tensor=torch.arange(LENGTH * 2.0).view(LENGTH, 2),
        array=np.arange(LENGTH),
        names=[f"n{i}" for i in range(LENGTH)],
        pairs=tuple((i, i) for i in range(LENGTH)),
        text="abcde",
        boxes=Boxes(torch.arange(LENGTH)),
    )


def positions(picked: InstanceData) -> list[int]:
    """Which instances are in ``picked``, after checking that all fields agree."""
    found = picked.array.tolist()
    assert picked.id == 1
    assert picked.tensor.tolist() == [[2.0 * i, 2.0 * i + 1] for i in found]
    assert picked.names == [f"n{i}" for i in found]
    assert picked.pairs == tuple((i, i) for i in found)
    assert picked.text == "".join("abcde"[i] for i in found)
    assert picked.boxes.tensor.tolist() == found
    assert len(picked) == len(found)
    return found


any_position = st.integers(-LENGTH, LENGTH - 1)
any_index = st.one_of(
    any_position,
    st.slices(LENGTH).filter(lambda index: (index.step or 1) > 0),  # as tensors want it
    st.lists(any_position, max_size=7),
    st.lists(st.booleans(), min_size=LENGTH, max_size=LENGTH),
)


@given(index=any_index, kind=st.sampled_from(["plain", "array", "tensor"]))
def test_every_index_picks_what_numpy_picks(index, kind: str) -> None:
    expected = np.arange(LENGTH)[index if index != [] else slice(0)]
    if isinstance(index, list) and kind == "array":
        index = np.array(index)
    elif isinstance(index, list) and kind == "tensor":
        index = torch.tensor(index, dtype=None if index else torch.int64)
    elif isinstance(index, int) and kind == "array":
        index = np.int64(index)
    assert positions(instances()[index]) == np.atleast_1d(expected).tolist()


def test_a_name_gives_the_field() -> None:
    assert instances()["names"][0] == "n0"
    with pytest.raises(AttributeError, match="nothing"):
        instances()["nothing"]


@pytest.mark.parametrize("index", [LENGTH, -LENGTH - 1, [LENGTH], torch.tensor([LENGTH])])
def test_a_position_out_of_range_is_an_index_error(index) -> None:
    with pytest.raises(IndexError):
        instances()[index]


@pytest.mark.parametrize(
    "index", [1.5, None, (0, 1), [1.5], ["a"], torch.zeros(2, 2).long(), torch.tensor(1), {}]
)
def test_an_index_of_another_type_is_refused(index) -> None:
    with pytest.raises(FieldTypeError, match=r"index(ed)? "):
        instances()[index]


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(FieldShapeError, match="each of the 5 instances: got 2"):
        instances()[torch.tensor([True, False])]


def test_gradients_flow_through_an_index() -> None:
    boxes = torch.ones(3, 4, requires_grad=True)
    InstanceData(boxes=boxes)[torch.tensor([True, False, True])].boxes.sum().backward()
    assert boxes.grad is not None and boxes.grad.sum(dim=1).tolist() == [4.0, 0.0, 4.0]


def test_all_fields_have_one_length() -> None:
    data = instances()
    with pytest.raises(FieldShapeError, match=r"InstanceData.more must have 5 entries.*got 4"):
        data.more = torch.zeros(4)
    with pytest.raises(FieldTypeError, match=r"must have a length.*got int 1"):
        data.one = 1
    assert "more" not in data and "one" not in data


def test_the_only_field_can_be_replaced_by_a_longer_one() -> None:
    data = InstanceData(boxes=torch.zeros(2, 4))
    data.boxes = torch.zeros(3, 4)
    assert len(data) == 3


def test_an_element_without_instances_is_filled_field_by_field() -> None:
    data = InstanceData(boxes=torch.zeros(0, 4), labels=torch.zeros(0))
    data.boxes = torch.zeros(2, 4)
    data.labels = torch.zeros(2)
    assert len(data) == 2
    assert len(InstanceData()) == 0


@given(st.lists(st.lists(any_position, max_size=4), min_size=1, max_size=4))
def test_cat_undoes_indexing(parts: list[list[int]]) -> None:
    data = instances()
    joined = InstanceData.cat([data[part] for part in parts])
    assert positions(joined) == [i % LENGTH for part in parts for i in part]


def test_cat_refuses_what_it_cannot_join() -> None:
    data = instances()
    with pytest.raises(ValueError, match="empty list"):
        InstanceData.cat([])
    with pytest.raises(FieldTypeError, match="got int"):
        InstanceData.cat([data, 1])  # type: ignore[list-item]
    with pytest.raises(FieldShapeError, match=r"element 1 has \['text'\]"):
        InstanceData.cat([data, InstanceData(text="a")])
    with pytest.raises(ValueError, match=r"'x' cannot be concatenated: range has no `cat`"):
        InstanceData.cat([InstanceData(x=range(2)), InstanceData(x=range(2))])


def test_cat_of_one_is_that_one() -> None:
    data = instances()
    assert InstanceData.cat([data]) is data


def test_fields_are_stored_and_deleted_by_item() -> None:
    element = InstanceData(metainfo={"id": 1}, scores=np.zeros(3))
    element["labels"] = [1, 2, 3]
    assert element.labels == [1, 2, 3] and element.keys() == ["scores", "labels"]
    with pytest.raises(FieldShapeError, match="must have 3 entries"):
        element["labels"] = [1]
    with pytest.raises(AttributeError, match="meta information"):
        element["id"] = [1, 2, 3]
    del element["scores"], element["id"]
    assert element.all_keys() == ["labels"]
    with pytest.raises(AttributeError):
        del element["scores"]


class Rows:
    """A container as the documentation asks for: a length, ints and slices, and ``cat``."""

    def __init__(self, rows: list[int]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, item: int | slice) -> Rows:
        if not isinstance(item, int | slice):
            raise TypeError(f"by an int or a slice, got {item!r}")
        return Rows(self.rows[item] if isinstance(item, slice) else [self.rows[item]])

    @staticmethod
    def cat(several: list[Rows]) -> Rows:
        return Rows([row for each in several for row in each.rows])


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (torch.tensor([2, 0]), [12, 10]),
        (torch.tensor([True, False, True]), [10, 12]),
        ([2, -1], [12, 12]),
        ([False, True, False], [11]),
        (np.array([1, 0]), [11, 10]),
        (np.array([True, False, False]), [10]),
        (torch.tensor([False] * 3), []),
        ([], []),
        (1, [11]),
        (slice(1, None), [11, 12]),
    ],
)
def test_a_container_of_ones_own_is_indexed_one_by_one(index: Any, expected: list[int]) -> None:
    picked = InstanceData(boxes=Rows([10, 11, 12]), scores=torch.arange(3))[index]
    assert picked.boxes.rows == expected
    assert len(picked) == len(picked.scores) == len(expected)


def test_a_position_out_of_range_is_an_index_error_for_a_container_too() -> None:
    with pytest.raises(IndexError, match="7 is out of range for 3 instances"):
        InstanceData(boxes=Rows([10, 11, 12]))[[7]]


@pytest.mark.parametrize("field", [torch.zeros(1), np.zeros(1)])
def test_a_mask_of_an_empty_element_meets_no_longer_field(field: Any) -> None:
    instances = InstanceData(b=torch.zeros(0))
    instances.s = field
    with pytest.raises(IndexError, match="field of length 1"):
        instances[torch.zeros(0, dtype=torch.bool)]
