from __future__ import annotations

import pathlib
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_registry.annotation import fits, meaning

T = TypeVar("T")


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, int),
        (True, int),
        (1, float),
        (0, bool),
        ("a", str),
        (None, None),
        (None, int | None),
        ("a", int | str),
        ("a", Literal["a", "b"]),
        ([1, 2], tuple[int, int]),
        ((1, 2), list[int]),
        ([1, 2, 3], tuple[int, ...]),
        ([], Sequence[str]),
        ("text", Sequence),
        ({"a": 1}, dict[str, int]),
        ({"type": "A"}, Mapping),
        (3, Annotated[int, "of layers"]),
        ("a", pathlib.Path),
        ({"type": "A"}, pathlib.Path),
        ("relu", Callable[..., Any]),
        (3, T),
        (3, Any),
        (object(), int),
    ],
)
def test_what_may_be_meant_fits(value: Any, annotation: Any) -> None:
    assert fits(value, annotation)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ("1", int),
        (1.0, int),
        ("a", float),
        (2, bool),
        (None, int),
        (1, None),
        ("c", Literal["a", "b"]),
        (True, Literal[1]),
        (1.5, int | str | None),
        ([1, "a"], list[int]),
        ([1, 2, 3], tuple[int, int]),
        (3, Sequence[int]),
        ("ab", list),
        ([1], dict),
        ({"type": "A"}, int),
        ("a", Annotated[int, "of layers"]),
    ],
)
def test_a_contradiction_is_seen(value: Any, annotation: Any) -> None:
    assert not fits(value, annotation)


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.text("ab")))
def test_a_value_fits_its_own_type_alone_optional_and_in_a_list(value: Any) -> None:
    kind = type(value)
    assert fits(value, kind)
    assert fits(value, kind | None)
    assert fits([value, value], list[kind])  # type: ignore[valid-type]


def test_a_text_means_what_its_module_says() -> None:
    assert meaning("Sequence[int]", {"Sequence": Sequence}) == Sequence[int]
    assert meaning("torch.Tensor", {}) is Any
    assert meaning(int, {}) is int


def test_both_spellings_of_a_union_are_read() -> None:
    for annotation in ("Union[str, int]", "Optional[int]", "int | str"):
        assert fits(3, meaning(annotation, vars(typing)))
        assert not fits(3.5, meaning(annotation, vars(typing)))
