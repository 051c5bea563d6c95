from __future__ import annotations

import pytest

from engine_model import merge_dict


def test_of_equal_keys_the_last_wins() -> None:
    first, second = {"a": 1, "b": 2}, {"b": 3}
    assert merge_dict(first, second) == {"a": 1, "b": 3}
    assert first == {"a": 1, "b": 2}
    assert merge_dict() == {}


def test_only_dicts_can_be_merged() -> None:
    with pytest.raises(TypeError, match="merge_dict takes dicts, got 3"):
        merge_dict({}, 3)  # type: ignore[arg-type]
