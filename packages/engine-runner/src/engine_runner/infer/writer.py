"""Results in a folder: lines of JSON, and pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from types import TracebackType
from typing import IO, Any

from engine_runner.infer.results import Result

__all__ = ["Writer"]


class Writer:
    """Writes results into a local folder; a context.

    ``predictions.jsonl`` gets a line for each, and ``pictures`` those that were drawn, called as
    their inputs are; of several inputs of one name all but the first with a number.

    Args:
        folder: is made if there is none; older predictions in it are replaced.

    Raises:
        ValueError: it isn't local.
    """

    def __init__(self, folder: str | Path) -> None:
        if "://" in str(folder):
            raise ValueError(f"predictions are written into a local folder, and {folder} is none")
        self._folder = Path(folder)
        self._lines: IO[str] | None = None
        self._names: set[str] = set()

    def __enter__(self) -> Writer:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lines = (self._folder / "predictions.jsonl").open("w", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lines is not None:
            self._lines.close()

    def write(self, result: Result, visualizer: Any) -> Result:
        """Write a result, and return it with the path of its picture.

        Args:
            result: with its drawing, if there is one.
            visualizer: writes the picture.
        """
        if result.drawing is not None:
            path = self._folder / "pictures" / self._free(PurePath(result.name).stem)
            visualizer.set_image(result.drawing)
            visualizer.save(path)
            result = replace(result, picture=path)
        if self._lines is not None:
            self._lines.write(result.json_line() + "\n")
        return result

    def _free(self, stem: str) -> str:
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}_{number}"
        self._names.add(name)
        return f"{name}.png"
