"""Weights & Biases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from engine_visual.backends.base import force_init_env
from engine_visual.backends.tracker import TrackerVisBackend

if TYPE_CHECKING:
    import torch

__all__ = ["WandbVisBackend"]


class WandbVisBackend(TrackerVisBackend):
    """A run of Weights & Biases; ``WANDB_MODE=offline`` keeps it in ``save_dir``.

    The platform's own step may only grow, and would drop what a validation counted by epoch
    logs after a training counted by iteration. The step is therefore a metric named ``step``, and
    the axis of every other one, unless ``define_metric_cfg`` says otherwise.

    ``experiment`` is the module ``wandb``. To resume a run of another process, give
    ``init_kwargs=dict(id=..., resume="allow")``.

    Args:
        save_dir: folder of the platform's files.
        init_kwargs: arguments of ``wandb.init``.
        define_metric_cfg: ``{"coco/bbox_mAP": "max"}``, a summary for each name; or a list of
            dicts, each the arguments of a ``define_metric``.
        commit: whether each call ends a row of the history; with False, rows are merged until
            something commits.
        log_code_name: name of the artifact with the source below the working directory, which
            `add_config` records.
        watch_kwargs: arguments of ``wandb.watch``, which `add_graph` calls.
        strict: raise errors instead of logging and counting them.
    """

    package = "wandb"
    extra = "wandb"
    group_arguments: ClassVar[Mapping[str, str]] = {
        "group": "init_kwargs.group",
        "name": "init_kwargs.name",
    }

    def __init__(
        self,
        save_dir: str,
        init_kwargs: dict[str, Any] | None = None,
        define_metric_cfg: dict[str, str] | list[dict[str, Any]] | None = None,
        commit: bool | None = True,
        log_code_name: str | None = None,
        watch_kwargs: dict[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._init_kwargs = {"dir": self._save_dir or None, **(init_kwargs or {})}
        self._metrics = _definitions(define_metric_cfg)
        self._commit = commit
        self._log_code_name = log_code_name
        self._watch_kwargs = watch_kwargs or {}

    @property
    @force_init_env
    def experiment(self) -> Any:
        """The module ``wandb``, whose current run is this one."""
        return self.load()

    def begin(self) -> Any:
        """A run, whose metrics are defined."""
        wandb = self.load()
        run = wandb.init(**self._init_kwargs)
        self._init_kwargs |= {"id": run.id, "resume": "allow"}  # to go on after a close
        for arguments in self._metrics:
            run.define_metric(**arguments)
        run.define_metric("*", step_metric="step")
        return run

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """A row of the history, with the step in it."""
        self.run.log({**numbers, "step": step}, commit=self._commit)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A row of the history with a PNG."""
        wandb = self.load()
        self.run.log({name: wandb.Image(image), "step": step}, commit=self._commit)

    def write_config(self, values: dict[str, Any]) -> None:
        """The run's config, and the code beside it."""
        self.run.config.update(values, allow_val_change=True)
        self.run.log_code(name=self._log_code_name)

    @force_init_env
    def add_graph(
        self, model: torch.nn.Module, data_batch: Sequence[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Let the platform watch the model: gradients, and more as ``watch_kwargs`` say."""
        self.run.watch(model, **self._watch_kwargs)

    def finish(self) -> None:
        """Flush and finish the run."""
        self.run.finish()


def _definitions(
    define_metric_cfg: dict[str, str] | list[dict[str, Any]] | None,
) -> list[dict[str, Any]]:
    """The arguments of each ``define_metric``.

    Raises:
        TypeError: it is neither a dict nor a list of dicts.
    """
    if define_metric_cfg is None:
        return []
    if isinstance(define_metric_cfg, dict):
        return [{"name": name, "summary": how} for name, how in define_metric_cfg.items()]
    if isinstance(define_metric_cfg, list) and all(isinstance(d, dict) for d in define_metric_cfg):
        return define_metric_cfg
    raise TypeError(
        "define_metric_cfg must be a dict {name: summary} or a list of define_metric's arguments "
        f"as dicts, got {define_metric_cfg!r:.80}"
    )
