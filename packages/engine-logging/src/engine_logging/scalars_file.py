"""The whole history of a run's scalars, in a file that only grows.

A `MessageHub` keeps what a resume needs, and its state doesn't grow. Every value there ever was
stands here: one JSON object a line, ``{"scalar", "first", "values", "counts", ...}``, where
``first`` numbers the first of the values among all of that scalar, from 0. What JSON has no number
for is written as "NaN", "Infinity" and "-Infinity", and read back as the number.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine_logging.message_hub import MessageHub

logger = logging.getLogger(__name__)


class ScalarsFile:
    """Appends what is new in a hub to a file each time it is asked to.

    Args:
        path: the file; its folder is made. A line that a crash left unfinished is cut off.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._written: dict[str, int] = {}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            _cut_unfinished(self.path)
            self._written = {key: len(values) for key, (values, _) in read_scalars(path).items()}

    def write(self, hub: MessageHub, **clock: int | float) -> int:
        """Append the values that ``hub`` got since the last call; return how many.

        Values on a device are waited for: call it where a log line is due, not each iteration.
        After a resume from an earlier state the history goes on from there; what the file held
        beyond it is replaced when it is read.

        Args:
            hub: whose scalars.
            **clock: when that was, such as ``iter=200, epoch=3``; stands in each line.
        """
        lines, num = [], 0
        for key, buffer in hub.log_scalars.items():
            first, values, counts = buffer.since(self._written.get(key, 0))
            if values:
                written = [_jsonable(value) for value in values]
                line = {"scalar": key, "first": first, "values": written, "counts": counts}
                lines.append(json.dumps({**line, **clock}, allow_nan=False) + "\n")
                num += len(values)
            self._written[key] = first + len(values)
        if lines:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(lines))
        return num


def read_scalars(path: str | Path) -> dict[str, tuple[list[float], list[float]]]:
    """Return the values and counts of every scalar in the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is not as `ScalarsFile` writes it; the last one may be unfinished.
    """
    found: dict[str, tuple[list[float], list[float]]] = {}
    for line in _lines(Path(path)):
        for known, new in zip(
            found.setdefault(line["scalar"], ([], [])),
            (line["values"], line["counts"]),
            strict=True,
        ):
            known[line["first"] :] = map(
                float, new
            )  # what a resumed run wrote again replaces the rest
    return found


def _jsonable(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                line: dict[str, Any] = json.loads(text)
                line["scalar"], line["first"], line["values"], line["counts"]
            except (ValueError, KeyError, TypeError) as error:
                if not text.endswith("\n"):
                    logger.warning("%s:%d is unfinished and left out", path, number)
                    return
                raise ValueError(f"{path}:{number} is no line of scalars: {text!r:.80}") from error
            yield line


def _cut_unfinished(path: Path) -> None:
    """Remove what stands after the last line end."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        block = b""
        while size and b"\n" not in block:
            step = min(size, 1 << 16)
            size -= step
            file.seek(size)
            block = file.read(step) + block
        file.truncate(size + block.rfind(b"\n") + 1)
