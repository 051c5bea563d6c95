"""Checkpoint kinds: how data elements are read and written in checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine_structures.base_data_element import BaseDataElement
from engine_structures.instance_data import InstanceData
from engine_structures.label_data import LabelData
from engine_structures.pixel_data import PixelData

__all__ = ["KINDS"]


def _reader(cls: Any) -> Callable[[Any], Any]:
    def read(made: Any) -> Any:
        found = cls.__new__(cls)
        found.__setstate__(made.state)
        return found

    return read


def _write(value: Any, keep: Callable[[Any, str], Any]) -> Any:
    cls: Any = type(value)
    same = cls.__new__(cls)
    same.__setstate__({key: keep(each, f".{key}") for key, each in value.__getstate__().items()})
    return same


_ELEMENTS: Final = {  # the more special ones first
    "instance_data.InstanceData": InstanceData,
    "label_data.LabelData": LabelData,
    "pixel_data.PixelData": PixelData,
    "base_data_element.BaseDataElement": BaseDataElement,
}

KINDS: Final[tuple[dict[str, Any], ...]] = tuple(
    {
        "names": (f"mmengine.structures.{name}", f"engine_structures.{name}"),
        "read": _reader(cls),
        "types": (cls,),
        "write": _write,
    }
    for name, cls in _ELEMENTS.items()
)
