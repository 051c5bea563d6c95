"""Names of MMEngine's `mmengine.structures.pixel_data`, from engine_structures."""

from engine_structures import PixelData

__all__ = ["PixelData"]
