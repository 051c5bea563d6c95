"""Instructions of pickles, which no program writes in the order that they are needed here."""

from __future__ import annotations

import struct

__all__ = ["as_global", "as_number", "as_text", "as_tuple"]


def as_text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def as_tuple(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def as_global(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def as_number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)
