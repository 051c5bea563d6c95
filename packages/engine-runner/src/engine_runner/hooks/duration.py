"""Lengths of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

__all__ = ["seconds_of"]

_UNITS = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?"
)
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):(\d\d):(\d\d)()")  # days-hours:minutes:seconds, as slurm
_SECONDS = (86400, 3600, 60, 1)


def seconds_of(length: str | float | timedelta) -> float:
    """Return a length of time in seconds.

    Args:
        length: seconds, or a timedelta, or text such as "23h50m", "1d12h", "90s" or "1-12:00:00".

    Raises:
        ValueError: it can't be read, or is not positive.
        TypeError: it is none of these.
    """
    if isinstance(length, timedelta):
        seconds = length.total_seconds()
    elif isinstance(length, int | float) and not isinstance(length, bool):
        seconds = float(length)
    elif isinstance(length, str):
        seconds = _read(length)
    else:
        raise TypeError(f"a length of time is seconds, text or a timedelta, got {length!r}")
    if not seconds > 0:
        raise ValueError(f"a length of time must be positive, got {length!r}")
    return seconds


def _read(text: str) -> float:
    plain = text.replace(" ", "").lower()
    found = _CLOCK.fullmatch(plain) or _UNITS.fullmatch(plain)
    if found is None or not plain:
        try:
            return float(plain)
        except ValueError:
            raise ValueError(
                f"{text!r} is no length of time: write '23h50m', '1d12h', '90s' or '1-12:00:00'"
            ) from None
    parts = found.groups()[:4]
    return sum(float(part or 0) * unit for part, unit in zip(parts, _SECONDS, strict=True))
