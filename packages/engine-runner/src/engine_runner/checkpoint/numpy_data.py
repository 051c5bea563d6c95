"""Arrays, numbers and types of numpy from a checkpoint, made by us and not by numpy's own pickling.

numpy believes what a pickle says of a type. One that says it holds objects, where the bytes are
anybody's, makes an array whose reading follows pointers of the file's choice.
"""

from __future__ import annotations

import pickle
import re
from typing import Any, Final, NoReturn

import numpy as np

__all__ = ["ALLOWED", "as_numpy"]

_CODE: Final = re.compile(r"[|<>=]?(?:[biufcSUV?]\d*|[mMO]\d*)")
_ORDERS: Final = ("|", "<", ">", "=")


class _Type:
    """Stands for a `numpy.dtype` until it is known to be a plain one."""

    def __init__(self, code: Any = None, *_: Any) -> None:
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            _refuse(f"a numpy type {code!r:.60}")
        self.dtype: np.dtype[Any] = np.dtype(code)

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) < 8 or state[2:5] != (None, None, None):
            _refuse("a numpy type with fields")
        if state[1] not in _ORDERS:
            _refuse(f"a numpy type of the byte order {state[1]!r:.20}")
        if self.dtype.kind in "mM" and len(state) > 8:
            (unit, count, *_) = state[8][1]
            name = unit.decode("ascii") if isinstance(unit, bytes) else str(unit)
            self.dtype = np.dtype(f"{self.dtype.char}8[{int(count)}{name}]")
        self.dtype = self.dtype.newbyteorder(state[1])


class _Array(np.ndarray[Any, Any]):
    """Stands for a `numpy.ndarray`; whatever it is called with, it is empty until it is filled."""

    def __new__(cls, *_: Any) -> _Array:
        return super().__new__(cls, (0,), np.int8)

    def __setstate__(self, state: Any) -> None:
        """Fill it, with elements that are in a list if they are objects, and else with bytes."""
        _, shape, kind, fortran, data = state
        if not isinstance(kind, _Type) or isinstance(data, list) != kind.dtype.hasobject:
            _refuse("a numpy array of something else than plain data")
        filled: Any = super()  # numpy's stub wants a numpy.bool, which numpy doesn't
        filled.__setstate__((1, tuple(map(int, shape)), kind.dtype, bool(fortran), data))


def _reconstruct(*_: Any) -> _Array:
    return _Array()


def _scalar(kind: Any, data: Any = None) -> Any:
    if not isinstance(kind, _Type) or kind.dtype.hasobject:
        _refuse("a numpy scalar of something else than plain data")
    raw = data.encode("latin-1") if isinstance(data, str) else bytes(data)
    return np.frombuffer(raw, kind.dtype, count=1)[0] if raw else np.zeros((), kind.dtype)[()]


def _refuse(what: str) -> NoReturn:
    raise pickle.UnpicklingError(f"it holds {what}, which isn't read")


ALLOWED: Final[list[Any]] = [
    _Array,
    _Type,
    (_Array, "numpy.ndarray"),
    (_Type, "numpy.dtype"),
    *((_scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    *((_reconstruct, f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
]


def as_numpy(value: Any) -> Any:
    """Return what was read with numpy's own arrays and types in it; containers stay the same."""
    return _exchanged(value, {})


def _exchanged(value: Any, seen: dict[int, Any]) -> Any:
    if isinstance(value, _Array):
        if value.dtype.hasobject:
            for index, each in enumerate(value.flat):
                value.flat[index] = _exchanged(each, seen)
        return value.view(np.ndarray)
    if isinstance(value, _Type):
        return value.dtype
    if isinstance(value, dict) and id(value) not in seen:
        seen[id(value)] = value
        for key in value:
            value[key] = _exchanged(value[key], seen)
    elif isinstance(value, list) and id(value) not in seen:
        seen[id(value)] = value
        value[:] = [_exchanged(each, seen) for each in value]
    elif type(value) is tuple:
        return tuple(_exchanged(each, seen) for each in value)
    return value
