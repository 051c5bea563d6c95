"""As what a checkpoint can be published."""

from __future__ import annotations

from typing import Final

__all__ = ["FORMATS", "suffix_of"]

FORMATS: Final = ("pth", "safetensors", "mmengine")


def suffix_of(file_format: str) -> str:
    """Return what the name of a file of a format ends with."""
    return ".safetensors" if file_format == "safetensors" else ".pth"
