"""Aim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["AimVisBackend"]


class AimVisBackend(TrackerVisBackend):
    """A run of Aim, in a repository below ``save_dir``; not on Windows.

    Aim's maintenance is doubtful: choose it for what it holds already.
    A query finds the run after ``aim storage --repo DIR reindex``, or in ``aim up``.

    ``experiment`` is the ``aim.Run``. To resume a run of another process, give
    ``init_kwargs=dict(run_hash=...)``.

    Args:
        save_dir: folder of the repository.
        init_kwargs: arguments of ``aim.Run``.
        strict: raise errors instead of logging and counting them.
    """

    package = "aim"
    extra = "aim"
    group_arguments: ClassVar[Mapping[str, str]] = {"group": "init_kwargs.experiment"}

    def __init__(
        self,
        save_dir: str | None = None,
        init_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"repo": self._save_dir or None, **(init_kwargs or {})}

    def begin(self) -> Any:
        """A run."""
        aim = self.load()
        run = aim.Run(**self._init_kwargs)
        self._init_kwargs |= {"run_hash": run.hash}  # to go on after a close
        return run

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A point of each sequence."""
        for name, value in numbers.items():
            self.run.track(value, name=name, step=step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A point of a sequence of images, as PNG."""
        aim = self.load()
        picture = aim.Image(Image.fromarray(image), format="png")
        self.run.track(picture, name=name, step=step)

    def write_config(self, values: dict[str, Any]) -> None:
        """The run's ``hparams``."""
        self.run["hparams"] = values

    def finish(self) -> None:
        """Flush and close the run."""
        self.run.close()
