from __future__ import annotations

import pytest

from engine_registry import deprecated


@deprecated(since="0.2", removed_in="0.4", instead="use `shorter`")
def longer(number: int, *, times: int = 2) -> int:
    """Return a number that is larger."""
    return number * times


@deprecated(since="0.2", removed_in="0.4", instead="use a dict")
class Box:
    """Holds something."""

    def __init__(self, content: str) -> None:
        self.content = content


def test_a_deprecated_function_works_and_says_what_to_use() -> None:
    with pytest.warns(
        DeprecationWarning, match=r"longer is .* 0\.2 .* 0\.4: use `shorter`"
    ) as told:
        assert longer(3, times=5) == 15
    assert told[0].filename == __file__
    assert longer.__name__ == "longer"
    assert longer.__doc__ == "Return a number that is larger."


def test_a_deprecated_class_stays_a_class() -> None:
    with pytest.warns(DeprecationWarning, match="use a dict") as told:
        box = Box("letters")
    assert isinstance(box, Box)
    assert box.content == "letters"
    assert told[0].filename == __file__
