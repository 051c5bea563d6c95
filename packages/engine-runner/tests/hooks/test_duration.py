"""Lengths of time as people write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine_runner.hooks.duration import seconds_of


@pytest.mark.parametrize(
    ("length", "seconds"),
    [
        ("23h50m", 85800),
        ("1d12h", 129600),
        ("1.5h", 5400),
        ("90s", 90),
        ("90", 90),
        ("1h 30s", 3630),
        ("23:50:00", 85800),
        ("1-12:00:00", 129600),
        (2.5, 2.5),
        (60, 60),
        (timedelta(minutes=3), 180),
    ],
)
def test_a_length_of_time_is_read_in_seconds(length: Any, seconds: float) -> None:
    assert seconds_of(length) == seconds


@pytest.mark.parametrize("length", ["", "soon", "5 weeks", "10m5h", "0s", 0, -3, "nan"])
def test_what_is_no_length_of_time_is_refused(length: Any) -> None:
    with pytest.raises(ValueError, match="length of time"):
        seconds_of(length)


@pytest.mark.parametrize("length", [None, True, [1]])
def test_a_length_of_another_type_is_refused(length: Any) -> None:
    with pytest.raises(TypeError, match="seconds, text or a timedelta"):
        seconds_of(length)
