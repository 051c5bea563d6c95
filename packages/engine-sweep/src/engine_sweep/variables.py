"""Environment variables."""

from __future__ import annotations

from typing import Final

__all__ = ["STORAGE"]

STORAGE: Final = "ENGINE_SWEEP_STORAGE"  # the address, which may hold a password
