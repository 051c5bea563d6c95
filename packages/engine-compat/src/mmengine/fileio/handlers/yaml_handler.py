"""Names of MMEngine's `mmengine.fileio.handlers.yaml_handler`, from engine_fileio."""

from engine_fileio import YamlHandler

__all__ = ["YamlHandler"]
