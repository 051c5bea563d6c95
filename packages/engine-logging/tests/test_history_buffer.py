from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_logging import HistoryBuffer
from engine_logging import history_buffer as module


@pytest.fixture
def statistics_stay() -> Iterator[None]:
    known = dict(HistoryBuffer._statistics_methods)
    yield
    HistoryBuffer._statistics_methods.clear()
    HistoryBuffer._statistics_methods.update(known)


def filled(*values: float, **kwargs: Any) -> HistoryBuffer:
    return HistoryBuffer(values, [1] * len(values), **kwargs)


def test_values_and_counts_are_remembered_in_order() -> None:
    buffer = HistoryBuffer([1, 2, 3], [1, 1, 2])
    buffer.update(5, 2)
    values, counts = buffer.data
    np.testing.assert_array_equal(values, [1, 2, 3, 5])
    np.testing.assert_array_equal(counts, [1, 1, 2, 2])
    assert buffer.data[0] is values  # made once


def test_a_mean_is_the_sum_of_values_by_that_of_counts() -> None:
    buffer = HistoryBuffer([1, 2, 3], [1, 1, 2])
    assert buffer.mean() == 6 / 4
    assert buffer.mean(2) == 5 / 3
    assert buffer.mean(100) == 6 / 4


def test_a_window_is_made_of_the_latest_values() -> None:
    buffer = filled(9.0, 1.0, 4.0, 2.0)
    assert (buffer.max(), buffer.min(), buffer.current()) == (9.0, 1.0, 2.0)
    assert (buffer.max(2), buffer.min(2), buffer.mean(2)) == (4.0, 2.0, 3.0)
    assert isinstance(buffer.max(), np.floating) and isinstance(buffer.mean(), np.floating)
    assert isinstance(filled(1, 2).max(), np.integer)


def test_older_values_than_max_length_are_forgotten() -> None:
    buffer = filled(8, 2, max_length=2)
    buffer.update(4)
    np.testing.assert_array_equal(buffer.data[0], [2, 4])
    assert (buffer.mean(), buffer.max()) == (3, 4)
    assert buffer.global_mean() == 14 / 3


def test_an_empty_history_has_no_value_and_no_mean() -> None:
    buffer = HistoryBuffer()
    assert buffer.data[0].shape == (0,)
    assert math.isnan(buffer.mean()) and math.isnan(buffer.global_mean())
    for statistic in (buffer.max, buffer.min, buffer.current):
        with pytest.raises(ValueError, match="the history is empty"):
            statistic()


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_has_at_least_one_value(window: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        filled(1, 2).mean(window)


@pytest.mark.parametrize("window", ["1", 1.0])
def test_a_window_is_counted_in_whole_values(window: Any) -> None:
    with pytest.raises(TypeError, match="window_size must be an int"):
        filled(1, 2).max(window)


def test_wrong_values_are_refused_and_leave_nothing() -> None:
    buffer = HistoryBuffer()
    with pytest.raises(TypeError, match="count must be a number"):
        buffer.update(1, "2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a scalar is a number"):
        buffer.update("1")
    with pytest.raises(ValueError, match="one length, got 1 and 2"):
        HistoryBuffer([1], [1, 2])
    assert buffer.data[0].size == 0


def test_a_statistic_is_registered_and_called_by_name(statistics_stay: None) -> None:
    @HistoryBuffer.register_statistics
    def weighted(self: HistoryBuffer, weights: list[float], scale: float = 1.0) -> float:
        latest = self._log_history[-len(weights) :] * np.array(weights)
        return float(latest.sum() / self._count_history[-len(weights) :].sum() * scale)

    buffer = filled(1.0, 2.0, 4.0)
    assert buffer.statistics("weighted", [0.5, 0.5], scale=2.0) == 3.0
    assert buffer.statistics("mean", window_size=2) == 3.0
    assert buffer.statistics("current") == 4.0
    with pytest.raises(ValueError, match="there is a statistic 'weighted' already"):
        HistoryBuffer.register_statistics(weighted)
    with pytest.raises(KeyError, match="close: mean"):
        buffer.statistics("meen")


def test_a_tensor_is_waited_for_when_something_is_read(tensor: Any) -> None:
    buffer = HistoryBuffer()
    tensors = [tensor(float(number)) for number in range(5)]
    for each in tensors[:3]:
        buffer.update(each)
    buffer.update(10.0)
    buffer.update(tensors[4])
    assert all(each.num_waits == [0] for each in tensors)
    np.testing.assert_array_equal(buffer.data[0], [0, 1, 2, 10, 4])
    assert buffer.mean() == 17 / 5
    assert [each.num_waits for each in tensors] == [[1], [1], [1], [0], [1]]


def test_so_many_new_values_are_looked_at_without_being_read(
    tensor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_NEW", 3)
    buffer = HistoryBuffer()
    first = tensor(1.0)
    for value in (first, 2.0):
        buffer.update(value)
    assert first.num_waits == [0]
    buffer.update(3.0)
    assert first.num_waits == [1]


def test_a_state_is_plain_and_does_not_grow() -> None:
    long, longer = HistoryBuffer(), HistoryBuffer()
    for number in range(3000):
        long.update(float(number))
    for number in range(9000):
        longer.update(float(number % 7))
    for buffer in (long, longer):
        assert len(buffer.state_dict()["log_history"]) == module.NUM_KEPT
    assert {type(value) for value in long.state_dict().values()} <= {int, float, list}


def test_a_buffer_goes_on_from_its_state_as_if_nothing_had_happened() -> None:
    unbroken = HistoryBuffer()
    for number in range(4000):
        unbroken.update(float((number * 37) % 101), 2)
    resumed = HistoryBuffer.from_state(unbroken.state_dict())
    for number in (5.0, 1000.0, -3.0):
        unbroken.update(number, 2)
        resumed.update(number, 2)
    again = HistoryBuffer.from_state(resumed.state_dict())
    for buffer in (resumed, again):
        for window in (None, 1, 10, 900, 10_000):
            assert buffer.mean(window) == pytest.approx(unbroken.mean(window), rel=1e-12)
            assert buffer.max(window) == unbroken.max(window)
            assert buffer.min(window) == unbroken.min(window)
        assert buffer.global_mean() == unbroken.global_mean()
        np.testing.assert_array_equal(buffer.data[0][-1000:], unbroken.data[0][-1000:])


def test_copies_and_pickles_are_whole(tensor: Any) -> None:
    buffer = filled(1.0, 2.0)
    buffer.update(tensor(6.0))
    for twin in (copy.deepcopy(buffer), pickle.loads(pickle.dumps(buffer))):
        np.testing.assert_array_equal(twin.data[0], [1, 2, 6])
        twin.update(7.0)
        assert twin.mean() == 4.0
    assert buffer.mean() == 3.0


def test_what_mmengine_has_pickled_is_read() -> None:
    """The state that its checkpoints hold: two arrays, and a table of functions."""
    buffer = HistoryBuffer.__new__(HistoryBuffer)
    buffer.__setstate__(
        {
            "max_length": 1000000,
            "_log_history": np.array([0.1, 0.5]),
            "_count_history": np.array([1, 1]),
            "statistics_methods": {},
        }
    )
    buffer.update(0.6)
    assert buffer.mean() == pytest.approx(0.4)


numbers = st.floats(-1e6, 1e6)


@given(
    st.lists(st.tuples(numbers, st.integers(1, 9)), min_size=1, max_size=30),
    st.one_of(st.none(), st.integers(1, 40)),
    st.integers(1, 20),
)
def test_statistics_are_those_of_the_latest_values(
    history: list[tuple[float, int]], window: int | None, max_length: int
) -> None:
    buffer = HistoryBuffer(max_length=max_length)
    for value, count in history:
        buffer.update(value, count)
    latest = history[-max_length:][-(window or max_length) :]
    values, counts = np.array(latest, dtype=float).T
    assert buffer.max(window) == values.max()
    assert buffer.min(window) == values.min()
    assert buffer.mean(window) == pytest.approx(values.sum() / counts.sum(), rel=1e-9, abs=1e-9)
    assert buffer.current() == history[-1][0]


@pytest.mark.parametrize("window", [None, 2, 10])
def test_nan_is_not_lost(window: int | None) -> None:
    buffer = filled(1.0, math.nan, 2.0)
    for statistic in (buffer.max, buffer.min, buffer.mean):
        assert math.isnan(statistic(window))
    assert buffer.current() == 2.0


def test_one_float_makes_all_values_floats_as_in_an_array() -> None:
    buffer = HistoryBuffer([3, 5, 7], [1, 1, 1], 2)
    assert buffer.min().dtype == buffer.data[0].dtype == np.int64
    buffer.update(16.5)
    assert buffer.min() == 7
    assert buffer.min().dtype == buffer.data[0].dtype == np.float64
    buffer.update(3)
    buffer.update(4)  # the one float is forgotten
    assert buffer.min().dtype == buffer.data[0].dtype == np.float64
    assert buffer.data[1].dtype == np.int64


def test_pending_floats_are_read_where_they_are_and_not_twice() -> None:
    buffer = filled(5.0, 6.0)
    buffer.pending.extend([1.0, 2.0, 3.0])
    assert buffer.mean(2) == 2.5
    assert buffer.current() == 3.0
    assert buffer.pending  # nothing had to be settled for them
    assert buffer.mean(4) == 3.0
    assert buffer.mean() == 17 / 5
    assert buffer.max() == 6.0
    assert not buffer.pending
