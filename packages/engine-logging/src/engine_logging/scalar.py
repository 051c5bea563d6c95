"""Numbers to log: Python's, numpy's, and tensors, which are recognised by what they can do.

A tensor is not looked at when it is logged: its value is fetched when somebody reads it, long
after a device has computed it.
"""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

logger = logging.getLogger(__name__)

_CHANGED: Final = (
    "a logged tensor was changed in place before its value was read; log a clone of it"
)


def to_loggable(value: Any) -> int | float | Deferred:
    """The number in ``value``, or a promise of it if it is a tensor.

    Raises:
        TypeError, ValueError: as `to_number`.
    """
    if hasattr(value, "is_cpu") or is_remote(value):  # torch's, or another library's on a device
        return Deferred(value)
    return to_number(value)


def is_fresh(value: Any) -> bool:
    """Whether it is a tensor that can be kept as it is: new, of one element, without a graph."""
    try:
        return (
            getattr(value, "_version", None) == 0
            and value._base is None
            and not value.requires_grad
            and value.numel() == 1
        )
    except (AttributeError, RuntimeError):
        return False


def to_number(value: Any) -> int | float:
    """The one number in ``value``; waits for the device if it is a tensor on one.

    Raises:
        TypeError: it is no number, array or tensor.
        ValueError: it is an array or tensor of more than one element, or of none.
    """
    try:
        number = value.item()
    except (AttributeError, ValueError, RuntimeError) as error:
        if isinstance(value, int | float):
            return value
        if not callable(getattr(value, "item", None)):
            text = f"a scalar is a number, or an array or tensor of one, got {value!r}"
            raise TypeError(text) from error
        if num_elements(value) != 1:
            text = f"a scalar has one element, got {num_elements(value)}: {value!r}"
            raise ValueError(text) from error
        raise
    if not isinstance(number, int | float):
        raise TypeError(f"a scalar is a real number, got {value!r}")
    return number


def num_elements(value: Any) -> int:
    """How many elements an array or tensor has."""
    count = getattr(value, "numel", None)
    return int(count() if callable(count) else getattr(value, "size", 1))


def is_remote(value: Any) -> bool:
    """Whether reading ``value`` would mean waiting for a device."""
    on_cpu = getattr(value, "is_cpu", None)
    if on_cpu is None:
        on_cpu = str(getattr(value, "device", "cpu")).partition(":")[0] == "cpu"
    return not on_cpu


class Deferred:
    """A tensor, kept until its value is asked for.

    What looks like an accumulator or a part of a larger tensor is copied at once, on the device
    and without waiting; anything else is kept as it is, and a change of it meanwhile is reported.
    """

    __slots__ = ("_tensor", "_version")

    def __init__(self, tensor: Any) -> None:
        try:  # what is usual, with as few calls as can be: a fresh tensor of torch's
            if tensor._version == 0 and tensor._base is None and tensor.numel() == 1:
                self._tensor = tensor.detach() if tensor.requires_grad else tensor
                self._version: int | None = 0
                return
        except (AttributeError, RuntimeError):
            pass
        if num_elements(tensor) != 1:
            raise ValueError(f"a scalar has one element, got {num_elements(tensor)} in a tensor")
        self._version = _version(tensor)
        self._tensor = tensor.detach()
        if self._version != 0 or getattr(tensor, "_base", None) is not None:
            self._tensor = self._tensor.clone()
            self._version = None

    def fetch(self) -> int | float:
        """The value, after waiting for the device."""
        if self._version is not None and _version(self._tensor) != self._version:
            logger.warning(_CHANGED)
        return to_number(self._tensor)


def _version(tensor: Any) -> int | None:
    """How often a tensor was changed in place, or None if it doesn't count."""
    try:
        version = tensor._version
    except (AttributeError, RuntimeError):  # torch's inference tensors refuse with the latter
        return None
    return int(version)


NUMBERS: Final = frozenset({float, int, bool})


class Counted(NamedTuple):
    """A value that sums up more than one thing, and how many."""

    value: Any
    number: int | float


def fetched(logged: list[Any]) -> tuple[list[int | float], list[int | float]]:
    """Return what was logged as values and their counts, after waiting for devices.

    Args:
        logged: numbers, promises of them, and tensors that were fresh; `Counted`, if not of one.
    """
    counts: list[int | float] = [1] * len(logged)
    values: list[Any] = logged
    kinds = set(map(type, logged))
    if Counted in kinds:
        counts = [each.number if type(each) is Counted else 1 for each in values]
        values = [each.value if type(each) is Counted else each for each in values]
        kinds = set(map(type, values))
    if not kinds <= NUMBERS:
        values = [each if type(each) in NUMBERS else _read(each) for each in values]
    return values, counts


def _read(kept: Any) -> int | float:
    """The number in a promise or in a tensor that was fresh."""
    if type(kept) is Deferred:
        return kept.fetch()
    if kept._version:
        logger.warning(_CHANGED)
    number = kept.item()
    return number if type(number) is float else to_number(kept)
