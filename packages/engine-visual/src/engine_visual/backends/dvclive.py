"""DVCLive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine_visual.backends.artifacts import Suffixes, artifacts
from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["DVCLiveVisBackend"]


class DVCLiveVisBackend(TrackerVisBackend):
    """Files that DVC shows and compares, and a DVC experiment where there is a DVC repository.

    Outside of a Git and DVC repository the files are written all the same; the experiment and the
    artifacts are what is missing. An image stands at ``plots/images/<name>/<step>.png``.

    ``experiment`` is the ``dvclive.Live``. To resume a run of another process, give
    ``init_kwargs=dict(resume=True)``: without it, DVCLive removes an earlier run's files.

    Args:
        save_dir: folder of the files, and of their ``dvc.yaml``; not a repository's own root.
        artifact_suffix: endings of the files in the config's ``work_dir`` that `close` gives
            to DVC.
        init_kwargs: arguments of ``dvclive.Live``.
        strict: raise errors instead of logging and counting them.
    """

    package = "dvclive"
    extra = "dvclive"

    def __init__(
        self,
        save_dir: str,
        artifact_suffix: Suffixes = (".json", ".py", "yaml"),
        init_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"dir": self._save_dir, **(init_kwargs or {})}
        self._init_kwargs.setdefault("dvcyaml", str(Path(self._init_kwargs["dir"], "dvc.yaml")))
        self._artifact_suffix = artifact_suffix

    def begin(self) -> Any:
        """A ``Live``."""
        dvclive = self.load()
        live = dvclive.Live(**self._init_kwargs)
        self._init_kwargs |= {"resume": True}  # to go on after a close
        return live

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A line of each metric's table, and the summary of the latest."""
        self.run.step = step
        for name, value in numbers.items():
            self.run.log_metric(name, value)
        self.run.make_summary()

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A PNG in a folder of its own for each name, so that DVC shows a slider over steps."""
        self.run.step = step
        self.run.log_image(f"{name}/{step}.png", image)

    def write_config(self, values: dict[str, Any]) -> None:
        """``params.yaml``."""
        self.run.log_params(values)

    def finish(self) -> None:
        """Give the artifacts to DVC, if it is there, and end the run."""
        try:
            # DVC has DVCLive's own files by dvc.yaml
            own = Path(self._init_kwargs["dir"])
            for path, _ in artifacts(self.config, self._artifact_suffix, apart_from=own):
                self.run.log_artifact(path)
        finally:
            self.run.end()
