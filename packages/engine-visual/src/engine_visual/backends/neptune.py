"""Neptune, offline."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["NeptuneVisBackend"]

logger = logging.getLogger(__name__)

_FOLDER_VARIABLE = "NEPTUNE_DATA_DIRECTORY"


class NeptuneVisBackend(TrackerVisBackend):
    """A run of Neptune in its offline form: the service closed in March 2026.

    What is recorded stands in ``save_dir/.neptune/offline``, readable with Neptune's own package.
    ``mode`` in ``init_kwargs`` is obeyed, with a warning if it needs the service. Nothing can be
    resumed offline: what is added after a `close` is a run of its own.

    ``experiment`` is the ``neptune.Run``.

    Args:
        save_dir: folder of the offline runs; ``NEPTUNE_DATA_DIRECTORY`` comes first.
        init_kwargs: arguments of ``neptune.init_run``.
        strict: raise errors instead of logging and counting them.
    """

    package = "neptune"
    extra = "neptune"

    def __init__(
        self,
        save_dir: str | None = None,
        init_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"mode": "offline", **(init_kwargs or {})}

    def begin(self) -> Any:
        """A run."""
        neptune = self.load()
        mode = self._init_kwargs["mode"]
        kept = "the run is kept offline" if mode == "offline" else f"mode={mode!r} was asked for"
        logger.warning(
            "Neptune's hosted service closed in March 2026: %s. Other back-ends, such as "
            "MLflowVisBackend or TrackioVisBackend, need no service either.",
            kept,
        )
        with _data_folder(self._save_dir):
            return neptune.init_run(**self._init_kwargs)

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A point of each series."""
        for name, value in numbers.items():
            self.run[name].append(value, step=step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A point of a series of files."""
        picture = self.load("neptune.types").File.as_image(Image.fromarray(image))
        self.run[name].append(picture, step=step)

    def write_config(self, values: dict[str, Any]) -> None:
        """The namespace ``config``; what Neptune has no type for is text."""
        self.run["config"] = self.load("neptune.utils").stringify_unsupported(values)

    def finish(self) -> None:
        """Flush and stop the run."""
        self.run.stop()


@contextmanager
def _data_folder(save_dir: str) -> Iterator[None]:
    """Let Neptune, which asks the environment, write below ``save_dir``."""
    if not save_dir or _FOLDER_VARIABLE in os.environ:
        yield
        return
    os.environ[_FOLDER_VARIABLE] = str(Path(save_dir, ".neptune").absolute())
    try:
        yield
    finally:
        del os.environ[_FOLDER_VARIABLE]
