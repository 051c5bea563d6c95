from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from engine_logging.scalar import Deferred, is_remote, to_loggable, to_number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (0.5, 0.5),
        (True, True),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array(0.5), 0.5),
        (np.array([[0.5]]), 0.5),
    ],
)
def test_one_number_is_read_from_whatever_holds_it(value: Any, number: float) -> None:
    read = to_number(value)
    assert read == number
    assert type(read) is type(number)


@pytest.mark.parametrize("value", ["1", None, [1], {}, np.array("1"), 1j, np.array(1j)])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="a scalar is a"):
        to_number(value)


@pytest.mark.parametrize("value", [np.zeros(2), np.zeros(0)])
def test_several_numbers_are_not_one(value: Any) -> None:
    with pytest.raises(ValueError, match=f"one element, got {value.size}"):
        to_number(value)


def test_tensors_are_deferred_wherever_they_are(tensor: Any) -> None:
    assert isinstance(to_loggable(tensor(0.5, "cpu")), Deferred)
    assert isinstance(to_loggable(tensor(0.5, "gpu:0")), Deferred)
    assert to_loggable(np.array(0.5)) == 0.5
    assert not is_remote(3)


def test_several_elements_on_a_device_are_refused_at_once(tensor: Any) -> None:
    several = tensor(0.5)
    several.size = 2
    with pytest.raises(ValueError, match="got 2 in a tensor"):
        to_loggable(several)


def test_an_accumulator_is_copied_when_it_is_logged(
    tensor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    total = tensor(1.0)
    total.add_(1.0)
    part = tensor(2.0, base=object())
    kept = [Deferred(total), Deferred(part)]
    total.add_(5.0)
    part.add_(5.0)
    assert [each.fetch() for each in kept] == [2.0, 2.0]
    assert not caplog.records


def test_a_change_that_was_missed_is_reported(
    tensor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = tensor(1.0)
    kept = Deferred(fresh)
    fresh.add_(1.0)
    with caplog.at_level(logging.WARNING):
        assert kept.fetch() == 2.0
    assert "changed in place" in caplog.text


def test_a_tensor_without_a_count_of_changes_is_copied(tensor: Any) -> None:
    class Inference(tensor):  # type: ignore[misc]
        @property
        def _version(self) -> int:
            raise RuntimeError("inference tensors do not track versions")

        @_version.setter
        def _version(self, value: int) -> None: ...

        def change(self) -> None:
            self.value[0] = 9.0

    value = Inference(1.0)
    kept = Deferred(value)
    value.change()
    assert kept.fetch() == 1.0
