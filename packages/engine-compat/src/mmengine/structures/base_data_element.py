"""Names of MMEngine's `mmengine.structures.base_data_element`, from engine_structures."""

from engine_structures import BaseDataElement

__all__ = ["BaseDataElement"]
