"""Names of MMEngine's `mmengine.registry.build_functions`, from engine_registry."""

from engine_registry import (
    build_from_cfg,
    build_model_from_cfg,
    build_runner_from_cfg,
    build_scheduler_from_cfg,
)

__all__ = [
    "build_from_cfg",
    "build_model_from_cfg",
    "build_runner_from_cfg",
    "build_scheduler_from_cfg",
]
