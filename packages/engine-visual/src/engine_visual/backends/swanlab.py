"""SwanLab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["SwanLabVisBackend"]


class SwanLabVisBackend(TrackerVisBackend):
    """A run of SwanLab: ``mode`` "online", "offline" (sent later) or "local" (its own dashboard).

    ``experiment`` is the module ``swanlab``. To resume a run of another process, give
    ``init_kwargs=dict(id=..., resume="allow")``.

    Args:
        save_dir: folder of the platform's files.
        init_kwargs: arguments of ``swanlab.init``.
        strict: raise errors instead of logging and counting them.
    """

    package = "swanlab"
    extra = "swanlab"
    group_arguments: ClassVar[Mapping[str, str]] = {
        "group": "init_kwargs.group",
        "name": "init_kwargs.experiment_name",
    }
    stays = frozenset({"close"})  # what it ends belongs to the main thread

    def __init__(
        self,
        save_dir: str | None = None,
        init_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"log_dir": self._save_dir or None, **(init_kwargs or {})}

    def begin(self) -> Any:
        """A run."""
        swanlab = self.load()
        run = swanlab.init(**self._init_kwargs)
        self._init_kwargs |= {"id": run.id, "resume": "allow"}  # to go on after a close
        return run

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A point of each chart."""
        self.run.log(dict(numbers), step=step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A point of an image chart."""
        swanlab = self.load()
        self.run.log({name: swanlab.Image(image)}, step=step)

    def write_config(self, values: dict[str, Any]) -> None:
        """The run's config."""
        self.run.config.update(values)

    def finish(self) -> None:
        """Flush and finish the run."""
        self.run.finish()
