"""Containers for samples, labels and predictions."""

from engine_structures.__about__ import __version__
from engine_structures.base_data_element import BaseDataElement
from engine_structures.errors import FieldShapeError, FieldTypeError
from engine_structures.instance_data import InstanceData
from engine_structures.label_data import LabelData
from engine_structures.pixel_data import PixelData

__all__ = [
    "BaseDataElement",
    "FieldShapeError",
    "FieldTypeError",
    "InstanceData",
    "LabelData",
    "PixelData",
    "__version__",
]
