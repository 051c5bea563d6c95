"""Names of MMEngine's `mmengine.model.base_module`, from engine_runner.model."""

from engine_runner.model import BaseModule, ModuleDict, ModuleList, Sequential

__all__ = ["BaseModule", "ModuleDict", "ModuleList", "Sequential"]
