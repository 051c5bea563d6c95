"""Files of a work folder that a platform keeps beside the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["Suffixes", "artifacts"]

Suffixes = Sequence[str] | str


def artifacts(
    config: Any, suffixes: Suffixes, *, apart_from: Path | None = None
) -> list[tuple[Path, str]]:
    """Return the files below a config's ``work_dir`` that end in one of ``suffixes``.

    Each comes with its address below the folder, slashes between its parts; hidden files and
    folders are left out, and what is in ``apart_from``, which may be where the platform puts them.
    Without a config or a ``work_dir`` in it there are none.
    """
    work_dir = getattr(config, "work_dir", None)
    if work_dir is None and hasattr(config, "get"):
        work_dir = config.get("work_dir")
    if not work_dir or not suffixes:
        return []
    root = Path(work_dir)
    endings = (suffixes,) if isinstance(suffixes, str) else tuple(suffixes)
    found = []
    closed = apart_from and apart_from.absolute()
    for path in sorted(root.rglob("*")):
        below = path.relative_to(root)
        hidden = any(part.startswith(".") for part in below.parts)
        if hidden or (closed and closed in path.absolute().parents):
            continue
        if path.name.endswith(endings) and path.is_file():
            found.append((path, below.as_posix()))
    return found
