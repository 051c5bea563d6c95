"""Names of MMEngine's `mmengine.config.config`, from engine_config."""

from engine_config import Config, ConfigDict, DictAction, read_base

__all__ = ["Config", "ConfigDict", "DictAction", "read_base"]
