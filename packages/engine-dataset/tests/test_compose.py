"""`Compose` calls transforms in turn."""

from __future__ import annotations

from typing import Any

import pytest

from engine_dataset import Compose
from engine_registry import TRANSFORMS


class Add:
    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"x": data["x"] + self.number}

    def __repr__(self) -> str:
        return f"Add({self.number})"


def test_transforms_and_configs_of_them_are_called_in_turn() -> None:
    TRANSFORMS.register_module(name="AddOfATest", module=Add)
    try:
        pipeline = Compose(
            [{"type": "AddOfATest", "number": 1}, Add(10), {"type": Add, "number": 5}]
        )
        assert pipeline({"x": 0}) == {"x": 16}
    finally:
        TRANSFORMS._module_dict.pop("AddOfATest", None)


def test_it_stops_at_the_first_none() -> None:
    assert Compose([lambda data: None, Add(1)])({"x": 0}) is None


@pytest.mark.parametrize("transforms", [None, [], ()])
def test_no_transforms_change_nothing(transforms: Any) -> None:
    data = {"x": 1}
    assert Compose(transforms)(data) is data


def test_what_cannot_be_called_is_refused_by_its_place() -> None:
    with pytest.raises(TypeError, match="transform 1 of the pipeline must be a callable"):
        Compose([Add(1), 3])


def test_an_error_names_the_transform_and_keeps_its_type() -> None:
    with pytest.raises(KeyError) as caught:
        Compose([Add(1)])({})
    assert caught.value.__notes__ == ["in the transform Add"]


def test_its_text_lists_the_transforms() -> None:
    assert repr(Compose([Add(1), Add(2)])) == "Compose(\n    Add(1)\n    Add(2)\n)"
