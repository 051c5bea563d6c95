"""Names of MMEngine's `mmengine.structures.label_data`, from engine_structures."""

from engine_structures import LabelData

__all__ = ["LabelData"]
