"""Names of MMEngine's `mmengine.runner.activation_checkpointing`, from engine_runner.runner."""

from engine_runner.runner import turn_on_activation_checkpointing

__all__ = ["turn_on_activation_checkpointing"]
