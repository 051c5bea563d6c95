"""ClearML."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from engine_visual.backends.artifacts import Suffixes, artifacts
from engine_visual.backends.plain_values import config_text
from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["ClearMLVisBackend"]


class ClearMLVisBackend(TrackerVisBackend):
    """A task of ClearML; ``CLEARML_OFFLINE_MODE=1`` keeps it in a zip below ``~/.clearml``.

    ClearML looks for the source's repository in a thread that may keep a process's second task
    waiting for 300 seconds, so here only the first one has it looked for.

    ``experiment`` is the task. To resume a task of another process, give
    ``init_kwargs=dict(continue_last_task=task_id)``; offline there is nothing to continue, each
    session is a zip of its own.

    Args:
        save_dir: not used; ClearML has its own folder.
        init_kwargs: arguments of ``clearml.Task.init``.
        artifact_suffix: endings of the files in the config's ``work_dir`` that `close` uploads.
        strict: raise errors instead of logging and counting them.
    """

    package = "clearml"
    extra = "clearml"
    group_arguments: ClassVar[Mapping[str, str]] = {
        "group": "init_kwargs.project_name",
        "name": "init_kwargs.task_name",
    }
    _repository_is_known: ClassVar[bool] = False

    def __init__(
        self,
        save_dir: str | None = None,
        init_kwargs: dict[str, Any] | None = None,
        artifact_suffix: Suffixes = (".py", ".pth"),
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        defaults = {"project_name": "engine", "task_name": "training"}
        self._init_kwargs: dict[str, Any] = {**defaults, **(init_kwargs or {})}
        self._artifact_suffix = artifact_suffix

    @property
    def _task(self) -> Any:
        """The task, under the name that MMEngine has for it."""
        return self.experiment

    @property
    def _logger(self) -> Any:
        """The task's logger, under the name that MMEngine has for it."""
        return self.experiment.get_logger()

    def begin(self) -> Any:
        """A task."""
        clearml = self.load()
        kwargs = dict(self._init_kwargs)
        if self._repository_is_known:
            kwargs.setdefault("auto_connect_frameworks", {"detect_repository": False})
        task = clearml.Task.init(**kwargs)
        if not task.is_offline():
            self._init_kwargs |= {"continue_last_task": task.id}  # to go on after a close
        ClearMLVisBackend._repository_is_known = True
        return task

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A plot for each prefix: ``"val/acc"`` is the series ``acc`` of ``val``."""
        logger = self.run.get_logger()
        for name, value in numbers.items():
            title, _, series = name.rpartition("/")
            logger.report_scalar(title or series, series, value, step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A debug sample, as PNG: `report_image` would make it a JPEG."""
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "PNG")
        stream.seek(0)
        logger = self.run.get_logger()
        logger.report_media(name, name, iteration=step, stream=stream, file_extension="png")

    def write_config(self, values: dict[str, Any]) -> None:
        """Hyper-parameters, and the text as a configuration object."""
        self.run.connect(values, name="config", ignore_remote_overrides=True)
        self.run.set_configuration_object("config.py", config_text=config_text(self.config))

    def finish(self) -> None:
        """Upload the artifacts and close the task."""
        try:
            for path, below in artifacts(self.config, self._artifact_suffix):
                self.run.upload_artifact(below, artifact_object=str(path))
        finally:
            self.run.close()
