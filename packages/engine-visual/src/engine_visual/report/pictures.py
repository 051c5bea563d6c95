"""Sample images of a run, small and inside of the page."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

SHOWN = 12
OF_A_NAME = 4  # at most
SIDE = 640  # px at most


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image as a ``data:`` address, with its name and step."""

    name: str
    step: int | None
    address: str


def find_pictures(folder: Path) -> list[Picture]:
    """The images that a `LocalVisBackend` wrote below ``folder``, by name and step.

    Where there are more than `SHOWN`, every name has its latest one, and as many earlier ones as
    there is room for, evenly apart. Files that are no images are left out.
    """
    known: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.glob("**/vis_image/**/*.png")):
        name, step = _name_and_step(path)
        known.setdefault(name, {})[step] = path
    each = max(1, min(OF_A_NAME, SHOWN // max(1, len(known))))
    found: list[Picture] = []
    for name, paths in sorted(known.items())[:SHOWN]:
        for step in _spread(sorted(paths), each):
            address = _address(paths[step])
            if address:
                step_or_none = step if step >= 0 else None
                found.append(Picture(name=name, step=step_or_none, address=address))
    return found


def _spread(steps: list[int], count: int) -> list[int]:
    """At most ``count`` of ``steps``, evenly apart, the last one among them."""
    if len(steps) <= count:
        return steps
    gap = (len(steps) - 1) / max(1, count - 1)
    return [steps[len(steps) - 1 - round(i * gap)] for i in reversed(range(count))]


def _name_and_step(path: Path) -> tuple[str, int]:
    """What comes before and after the last underscore; step -1 where there is none."""
    start = len(path.parts) - 1 - path.parts[::-1].index("vis_image")
    name = "/".join([*path.parts[start + 1 : -1], path.stem])
    match = re.fullmatch(r"(.*)_(\d+)", name)
    return (match[1], int(match[2])) if match else (name, -1)


def _address(path: Path) -> str:
    """The image as JPEG in base64, scaled down; empty if it can't be read."""
    try:
        with Image.open(path) as image:
            small = image.convert("RGB")
    except (UnidentifiedImageError, OSError):
        return ""
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
