"""Names of MMEngine's `mmengine.model.base_module`, from engine_model."""

from engine_model import BaseModule, ModuleDict, ModuleList, Sequential

__all__ = ["BaseModule", "ModuleDict", "ModuleList", "Sequential"]
