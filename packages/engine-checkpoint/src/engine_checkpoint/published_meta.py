"""What is published of a checkpoint, whichever kind it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import torch

from engine_checkpoint.mmengine_file import save_for_mmengine
from engine_config.secret_text import masked_text

__all__ = ["without_secrets", "write_published"]


def write_published(content: Mapping[str, Any], file: BinaryIO, file_format: str) -> None:
    """Write parts of a checkpoint as a pickle: ours for "pth", or MMEngine's for "mmengine"."""
    if file_format == "mmengine":
        save_for_mmengine(content, file)
    else:
        torch.save(dict(content), file)


def without_secrets(part: Any) -> Any:
    """Return ``meta`` with its config's secrets masked, and any other part as it is."""
    if isinstance(part, Mapping) and isinstance(part.get("cfg"), str):
        return {**part, "cfg": masked_text(part["cfg"])}
    return part
