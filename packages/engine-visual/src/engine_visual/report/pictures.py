"""Sample images of a run, small and inside of the page."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

SHOWN = 12  # names, the latest image of each
SIDE = 640  # px at most


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image as a ``data:`` address, with its name and step."""

    name: str
    step: int | None
    address: str


def find_pictures(folder: Path) -> list[Picture]:
    """The latest image of each name that a `LocalVisBackend` wrote below ``folder``.

    At most `SHOWN` of them, those of the last step first. Files that are no images are left out.
    """
    latest: dict[str, tuple[int, Path]] = {}
    for path in sorted(folder.glob("**/vis_image/**/*.png")):
        name, step = _name_and_step(path)
        if step >= latest.get(name, (-1, path))[0]:
            latest[name] = (step, path)
    found: list[Picture] = []
    for name, (step, path) in sorted(latest.items(), key=lambda item: (-item[1][0], item[0])):
        address = _address(path) if len(found) < SHOWN else ""
        if address:
            found.append(Picture(name=name, step=step if step >= 0 else None, address=address))
    return found


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
