"""`PackedList`: a list in two arrays that processes share."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
from annotated import Large, Measured
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from engine_dataset import PackedList

ITEM = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=50)
@given(st.lists(ITEM, max_size=8))
def test_it_gives_back_what_a_list_holds(items: list[Any]) -> None:
    packed = PackedList(items)
    assert list(packed) == items
    assert len(packed) == len(items)
    assert [packed[i - len(items)] for i in range(len(items))] == items
    assert packed[1:-1] == items[1:-1]
    assert packed[::-2] == items[::-2]


@settings(max_examples=50)
@given(st.lists(ITEM, min_size=1, max_size=8), st.data())
def test_a_subset_holds_the_items_at_its_indices(items: list[Any], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(items) - 1), max_size=12))
    packed = PackedList(items)
    subset = packed.subset(chosen)
    assert list(subset) == [items[index] for index in chosen]
    assert list(packed) == items


@settings(max_examples=20)
@given(st.lists(ITEM, max_size=8))
def test_it_survives_pickling_and_copying(items: list[Any]) -> None:
    packed = PackedList(items)
    assert list(pickle.loads(pickle.dumps(packed))) == items
    assert list(packed) == items
    assert list(pickle.loads(pickle.dumps(packed.subset(range(len(items)))))) == items
    assert list(copy.deepcopy(packed)) == items


def test_items_beyond_its_ends_are_refused() -> None:
    packed = PackedList([1, 2])
    for index in (2, -3):
        with pytest.raises(IndexError, match=f"index {index} of a list of 2"):
            packed[index]


def test_what_is_taken_out_can_be_changed() -> None:
    packed = PackedList([{"a": [1]}])
    packed[0]["a"].append(2)
    assert packed[0] == {"a": [1]}


def _size(thing: Any) -> int:
    """Bytes that a structure of dicts, lists and values takes."""
    size = sys.getsizeof(thing)
    if isinstance(thing, dict):
        return size + sum(map(_size, thing.values()))
    return size + sum(map(_size, thing)) if isinstance(thing, list) else size


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="private memory is read from Linux's /proc"
)
@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_worker_that_reads_everything_takes_a_twentieth_of_the_list(start_method: str) -> None:
    size = 100_000
    dataset = Measured(size)
    list_size = _size(Large.load_data_list(dataset)[:1000]) * size // 1000

    def private(measured: Measured) -> tuple[int, int]:
        """Private memory of a worker at its start, and what reading all adds to it."""
        loader = DataLoader(
            measured,
            batch_size=None,
            sampler=[0, 1],
            num_workers=1,
            multiprocessing_context=start_method,
        )
        start, more = loader
        gc.collect()
        return start, more

    start_of_empty, _ = private(Measured(2))
    start, more = private(dataset)
    assert more <= 0.05 * list_size
    assert start - start_of_empty <= 0.05 * list_size
