"""Names of MMEngine's `mmengine.structures`, from engine_structures."""

from engine_structures import BaseDataElement, InstanceData, LabelData, PixelData

__all__ = ["BaseDataElement", "InstanceData", "LabelData", "PixelData"]
