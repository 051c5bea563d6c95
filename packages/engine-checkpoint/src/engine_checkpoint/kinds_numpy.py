"""Arrays, numbers and types of numpy in a checkpoint, made by us and not by numpy's own pickling.

numpy believes what a pickle says of a type. One that says it holds objects, where the bytes are
anybody's, makes an array whose reading follows pointers of the file's choice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from engine_checkpoint.kinds import Keep, Kind, raw_bytes, refuse
from engine_checkpoint.pickle_nodes import Made

__all__ = ["CLASSES", "NUMPY", "WRITTEN_CLASSES"]

_CODE: Final = re.compile(r"[|<>=]?(?:[biufcSUV?]\d*|[mMO]\d*)")
_ORDERS: Final = ("|", "<", ">", "=")
_KINDS: Final = "?biufcmMSUV"  # of types whose values are their bytes
_MOST_EMPTY: Final = 10_000  # elements of no bytes

# Types of numbers that stand for themselves, as arguments say dtype=np.float32.
_SCALARS: Final[dict[str, Any]] = {
    **{each.__name__: each for each in {*np.sctypeDict.values()} if each is not np.object_},
    **{name: getattr(np, name) for name in ("bool_", "str_", "bytes_", "longlong", "ulonglong")},
}


def _dtype(made: Made) -> Any:
    code: Any = made.args[0] if made.args else None
    state = made.state if isinstance(made.state, tuple) else None
    if code is np.record:
        code = "V"
    if isinstance(code, type) and code in _SCALARS.values():
        return np.dtype(code)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        refuse(f"a numpy type {code!r:.60}")
    if state is None:
        return np.dtype(code)
    if len(state) < 8 or state[1] not in _ORDERS:
        refuse("a numpy type of an unknown byte order")
    found = _compound(code, state) or np.dtype(code)
    if found.kind in "mM" and len(state) > 8:
        (unit, count, *_) = state[8][1]
        name = unit.decode("ascii") if isinstance(unit, bytes) else str(unit)
        found = np.dtype(f"{found.char}8[{int(count)}{name}]")
    if made.args[0] is np.record:
        return np.dtype((np.record, found))
    ordered = found.newbyteorder(state[1]) if found.names is None else found
    return found if ordered == found else ordered


def _compound(code: str, state: tuple[Any, ...]) -> Any:
    """A type with fields, or of an array in each element."""
    part, names, fields = state[2:5]
    if part is not None:
        base, shape = part
        return np.dtype((_plain(base), tuple(map(int, shape))))
    if names is None and fields is None:
        return None
    if code[1:] and int(code[1:]) != state[5]:
        refuse("a numpy type of two sizes")
    parts = [(name, *fields[name]) for name in names]
    said: Any = {
        "names": [name for name, *_ in parts],
        "formats": [_plain(kind) for _, kind, *_ in parts],
        "offsets": [offset for _, _, offset, *_ in parts],
        "itemsize": state[5],
    }
    if any(title for _, _, _, *title in parts):
        said["titles"] = [title[0] if title else None for _, _, _, *title in parts]
    return np.dtype(said, align=bool(state[7] & 0x80))


def _plain(kind: Any) -> np.dtype[Any]:
    """Return a type whose values are their bytes."""
    if not isinstance(kind, np.dtype) or kind.hasobject or kind.kind not in _KINDS:
        refuse("a numpy type of something else than plain data")
    found: np.dtype[Any] = kind
    return found


def _array(made: Made) -> Any:
    kind = made.args[0] if made.args else np.ndarray
    if kind not in (np.ndarray, np.recarray, np.matrix, np.memmap):
        refuse(f"a numpy array of the class {kind!r:.60}")
    if made.state is None:
        return np.empty((0,), np.int8)
    _, shape, of, fortran, data = made.state
    found = _filled(shape, of, data, fortran=bool(fortran))
    return found.view(np.recarray) if kind is np.recarray else found


def _filled(shape: Any, of: Any, data: Any, *, fortran: bool) -> np.ndarray[Any, Any]:
    """An array of elements that are in a list if they are objects, and else in bytes."""
    shape = tuple(map(int, shape))
    if isinstance(of, np.dtype) and of.char == "O" and isinstance(data, list):
        if math.prod(shape) != len(data) or min(shape, default=0) < 0:
            refuse("a numpy array of another size than its shape")
        objects = np.empty(len(data), object)
        for place, each in enumerate(data):
            objects[place] = each
        return objects.reshape(shape)
    of, raw, number = _plain(of), raw_bytes(data), math.prod(shape)
    if min(shape, default=0) < 0 or number * of.itemsize != len(raw):
        refuse("a numpy array of another size than its shape")
    if not of.itemsize and number > _MOST_EMPTY:
        refuse("a numpy array of very many elements of no bytes")
    return np.ndarray(shape, of, bytearray(raw), order="F" if fortran else "C")


def _from_buffer(made: Made) -> Any:
    """As pickles of protocol 5 say it."""
    data, of, shape, order = made.args
    return _filled(shape, of, data, fortran=order == "F")


def _scalar(made: Made) -> Any:
    of, raw = _plain(made.args[0]), raw_bytes(made.args[1]) if len(made.args) > 1 else b""
    if raw and len(raw) != of.itemsize:
        refuse("a numpy scalar of another size than its type")
    array = np.ndarray((1,), of, bytearray(raw)) if raw else np.zeros(1, of)
    return array[0] if of.subdtype is None else refuse("a numpy scalar of arrays")


def _masked(made: Made) -> Any:
    if made.args[:2] != (np.ma.MaskedArray, np.ndarray) or not isinstance(made.state, tuple):
        refuse("a masked array of an unknown kind")
    _, shape, of, fortran, data, mask, fill = made.state
    masks = np.ma.make_mask_descr(_plain(of))
    values = _filled(shape, of, data, fortran=bool(fortran))
    hidden = _filled(shape, masks, mask, fortran=bool(fortran))
    return np.ma.MaskedArray(values, hidden, fill_value=fill)


def _write_array(value: Any, keep: Keep) -> Any:
    if value.dtype.char == "O":
        objects = np.empty(value.size, object)
        for place, each in enumerate(value.flat):
            objects[place] = keep(each, f"[{place}]")
        return objects.reshape(value.shape)
    _plain_to_write(value.dtype)
    if isinstance(value, np.ma.MaskedArray):
        return value.view(np.ma.MaskedArray)
    return value.view(np.recarray if isinstance(value, np.recarray) else np.ndarray)


def _plain_to_write(kind: np.dtype[Any]) -> None:
    if kind.hasobject or kind.kind not in _KINDS:
        raise TypeError(f"an array of {kind}, whose values aren't their bytes: make it a list")


def _write_scalar(value: Any, keep: Keep) -> Any:
    _plain_to_write(value.dtype)
    return value


def _write_dtype(value: np.dtype[Any], _: Keep) -> Any:
    if value.metadata is not None:
        raise TypeError("a numpy type with metadata: put the type and these in apart")
    _plain_to_write(value)
    return value


def _cores(name: str) -> tuple[str, ...]:
    return tuple(f"numpy.{core}.{name}" for core in ("core", "_core"))


NUMPY: Final = (
    Kind(names=_cores("multiarray.scalar"), read=_scalar, types=(np.generic,), write=_write_scalar),
    Kind(
        names=("numpy.ma.core._mareconstruct",),
        read=_masked,
        types=(np.ma.MaskedArray,),
        write=_write_array,
    ),
    Kind(
        names=_cores("multiarray._reconstruct"),
        read=_array,
        types=(np.ndarray,),
        write=_write_array,
    ),
    Kind(names=_cores("numeric._frombuffer"), read=_from_buffer),
    Kind(names=("numpy.dtype",), read=_dtype, types=(np.dtype,), write=_write_dtype),
)

# Classes that may be named: as the arguments of those above, and types of numbers for themselves.
CLASSES: Final[Mapping[str, Any]] = {
    **{f"numpy.{name}": each for name, each in _SCALARS.items()},
    **{"numpy.ndarray": np.ndarray, "numpy.dtype": np.dtype, "numpy.record": np.record},
    **{"numpy.matrix": np.matrix, "numpy.memmap": np.memmap},
    **dict.fromkeys(("numpy.recarray", "numpy.rec.recarray"), np.recarray),
    **dict.fromkeys(("numpy.core.records.recarray", "numpy._core.records.recarray"), np.recarray),
    **dict.fromkeys(("numpy.core.records.record", "numpy._core.records.record"), np.record),
    **dict.fromkeys(("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray"), np.ma.MaskedArray),
    **dict.fromkeys(("numpy.core.memmap.memmap", "numpy._core.memmap.memmap"), np.memmap),
}
WRITTEN_CLASSES: Final = frozenset(_SCALARS.values())
