"""What is published of a checkpoint's facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine_config.secret_text import masked_text

__all__ = ["without_secrets"]


def without_secrets(part: Any) -> Any:
    """Return ``meta`` with its config's secrets masked, and any other part as it is."""
    if isinstance(part, Mapping) and isinstance(part.get("cfg"), str):
        return {**part, "cfg": masked_text(part["cfg"])}
    return part
