"""Names of MMEngine's `mmengine.hub`, from engine_runner.hub."""

from engine_runner.hub import get_config, get_model

__all__ = ["get_config", "get_model"]
