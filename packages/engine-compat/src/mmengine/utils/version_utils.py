"""Versions as tuples that compare, and the commit of a source tree."""

from __future__ import annotations

import re
import subprocess
from typing import Final

__all__ = ["digit_version", "get_git_hash"]

# PEP 440: release, then pre-release, post-release and development release; a local part follows.
_VERSION: Final = re.compile(
    r"v?(?:\d+!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?P<pre_n>\d*))?"
    r"(?:-(?P<post_n1>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_n2>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)
_STAGES: Final = {"a": -3, "b": -2, "c": -1, "r": -1, "p": -1}  # preview and pre are rc


def digit_version(version_str: str, length: int = 4) -> tuple[int, ...]:
    """Return a version as numbers that compare as versions do.

    Args:
        version_str: such as ``1.2.0rc1``; what follows a ``+`` doesn't count.
        length: so many numbers of the release, filled up with 0; two more tell of its kind:
            (-4, n) development, (-3, n) alpha, (-2, n) beta, (-1, n) candidate, (0, 0) release,
            (1, n) post-release.

    Raises:
        ValueError: it is no version.
    """
    found = _VERSION.fullmatch(str(version_str).strip())
    if found is None:
        raise ValueError(
            f"{version_str!r} is no version; accepted are such as 1.2.0, 2.0rc1, 1.0.dev3"
        )
    release = [int(part) for part in found["release"].split(".")][:length]
    release += [0] * (length - len(release))
    if found["pre"]:
        kind = (_STAGES[found["pre"][0].lower()], int(found["pre_n"] or 0))
    elif found["post"] or found["post_n1"]:
        kind = (1, int(found["post_n1"] or found["post_n2"] or 0))
    elif found["dev"]:
        kind = (-4, int(found["dev_n"] or 0))
    else:
        kind = (0, 0)
    return (*release, *kind)


def get_git_hash(fallback: str = "unknown", digits: int | None = None) -> str:
    """Return the commit of the working folder's source tree.

    Args:
        fallback: what to return where there is no git, or no source tree.
        digits: so many of the hash; by default all.

    Raises:
        TypeError: ``digits`` is no number.
    """
    if digits is not None and not isinstance(digits, int):
        raise TypeError(f"digits must be an int or None, got {digits!r}")
    try:
        told = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return fallback
    return told.stdout.strip()[:digits] or fallback
