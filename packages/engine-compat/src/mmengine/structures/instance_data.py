"""Names of MMEngine's `mmengine.structures.instance_data`, from engine_structures."""

from engine_structures import InstanceData

__all__ = ["InstanceData"]
