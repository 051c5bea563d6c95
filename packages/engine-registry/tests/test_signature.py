from __future__ import annotations

import functools
from typing import Any, TypedDict, Unpack

import pytest

from engine_registry.signature import ANYTHING, signature_of


class Base:
    def __init__(self, depth: int, width: int = 3, init_cfg: Any = None) -> None: ...


class Forwards(Base):
    def __init__(self, heads: int, **kwargs: Any) -> None:
        super().__init__(init_cfg=None, **kwargs)


class ForwardsByPosition(Base):
    def __init__(self, heads: int, **kwargs: Any) -> None:
        super(ForwardsByPosition, self).__init__(heads, **kwargs)  # noqa: UP008 - older code


class Twice(Forwards):
    def __init__(self, **kwargs: Any) -> None:
        scale = kwargs.pop("scale", 1)
        super().__init__(heads=scale, **kwargs)


class ForwardsPositions(Base):
    def __init__(self, depth: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(depth, *args, **kwargs)


class ForwardsOthers(Base):
    def __init__(self, *sizes: int, **kwargs: Any) -> None:
        doubled = [2 * size for size in sizes]
        super().__init__(*doubled, **kwargs)


class Elsewhere(Base):
    def __init__(self, **kwargs: Any) -> None:
        print(kwargs)
        super().__init__(**kwargs)


class Swallows:
    def __init__(self, a: int, **kwargs: Any) -> None: ...


class Former(TypedDict, total=False):
    symlink: bool


class Told:
    def __init__(self, a: int, **kwargs: Unpack[Former]) -> None: ...


class Sized:
    def __init__(self, size: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class Mixed(Sized, Base):
    """Its next class after `Sized` is `Base`, as its MRO says."""


class Bare:
    pass


class Remade:
    def __new__(cls, *args: Any) -> Remade:
        return super().__new__(cls)


def function(a: int, /, b: int, *args: int, c: int = 3) -> None: ...


@pytest.mark.parametrize(
    ("target", "names", "required"),
    [
        (Base, {"depth", "width", "init_cfg"}, {"depth"}),
        (Forwards, {"heads", "depth", "width"}, {"heads", "depth"}),
        (ForwardsByPosition, {"heads", "width", "init_cfg"}, {"heads"}),
        (ForwardsPositions, {"depth", "width", "init_cfg"}, {"depth"}),
        (Twice, {"scale", "depth", "width"}, {"depth"}),
        (Mixed, {"size", "depth", "width", "init_cfg"}, {"depth"}),
        (Told, {"a", "symlink"}, {"a"}),
        (Bare, set(), set()),
        (function, {"b", "c"}, {"b"}),
        (functools.partial(Base, depth=1), {"depth", "width", "init_cfg"}, set()),
    ],
)
def test_a_closed_signature_is_read(target: Any, names: set[str], required: set[str]) -> None:
    signature = signature_of(target)
    assert not signature.open
    assert set(signature.parameters) == names
    assert signature.required() == required


@pytest.mark.parametrize(
    "target", [Elsewhere, ForwardsOthers, Swallows, Remade, dict, type("Made", (dict,), {})]
)
def test_what_cannot_be_known_accepts_anything(target: Any) -> None:
    assert signature_of(target).open


def test_a_constructor_that_swallows_keywords_still_tells_its_own_parameters() -> None:
    assert signature_of(Swallows).required() == {"a"}
    assert signature_of(dict) is ANYTHING
