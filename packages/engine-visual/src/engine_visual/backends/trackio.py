"""Trackio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from engine_visual.backends.plain_values import config_text
from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["TrackioVisBackend"]


class TrackioVisBackend(TrackerVisBackend):
    """A run of Trackio: an SQLite file a project, which ``trackio show`` reads.

    The files are in Trackio's own folder, which ``TRACKIO_DIR`` names. Trackio keeps a run's config
    with its first row, so one that is added later than that is kept as text alone.

    ``experiment`` is the ``trackio.Run``. To resume a run of another process, give
    ``init_kwargs=dict(name=..., resume="allow")``.

    Args:
        save_dir: not used; Trackio has its own folder.
        init_kwargs: arguments of ``trackio.init``; ``project`` is "engine" if it is not there.
        strict: raise errors instead of logging and counting them.
    """

    package = "trackio"
    extra = "trackio"
    group_arguments: ClassVar[Mapping[str, str]] = {
        "group": "init_kwargs.group",
        "name": "init_kwargs.name",
    }

    def __init__(
        self,
        save_dir: str | None = None,
        init_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"project": "engine", **(init_kwargs or {})}

    def begin(self) -> Any:
        """A run."""
        trackio = self.load()
        run = trackio.init(**self._init_kwargs)
        self._init_kwargs |= {"name": run.name, "resume": "allow"}  # to go on after a close
        return run

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A row of the project's metrics."""
        self.run.log(dict(numbers), step=step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A row with a PNG."""
        trackio = self.load()
        self.run.log({name: trackio.Image(image)}, step=step)

    def write_config(self, values: dict[str, Any]) -> None:
        """The run's config, which the next row brings along: its text."""
        trackio = self.load()
        self._init_kwargs |= {"config": values}  # or a run that goes on would have none
        self.run.config.update(values)
        text = trackio.Markdown(f"```python\n{config_text(self.config)}\n```")
        self.run.log({"config.py": text}, step=0)

    def finish(self) -> None:
        """Flush and finish the run."""
        self.run.finish()
