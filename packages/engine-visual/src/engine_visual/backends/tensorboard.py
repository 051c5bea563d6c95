"""TensorBoard: event files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine_visual.backends.base import force_init_env
from engine_visual.backends.plain_values import config_text
from engine_visual.backends.tracker import TrackerVisBackend

if TYPE_CHECKING:
    import torch

__all__ = ["TensorboardVisBackend"]

_FLUSH_EVERY_S = 30


class TensorboardVisBackend(TrackerVisBackend):
    """Event files in ``save_dir``, read by ``tensorboard --logdir``.

    A resumed run adds a file to the same folder; TensorBoard shows both as one. ``experiment`` is
    a `torch.utils.tensorboard.SummaryWriter`.

    Args:
        save_dir: folder of the event files.
        strict: raise errors instead of logging and counting them.
    """

    package = "tensorboard"
    extra = "tensorboard"

    def __init__(self, save_dir: str, *, strict: bool = False) -> None:
        super().__init__(save_dir, strict=strict)

    def begin(self) -> Any:
        """A writer into ``save_dir``."""
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(self._save_dir, flush_secs=_FLUSH_EVERY_S)

    @force_init_env
    def add_graph(
        self, model: torch.nn.Module, data_batch: Sequence[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Record the graph that `torch.jit.trace` makes of ``model`` called with ``data_batch``.

        ``data_batch`` is a tensor or a tuple of them: tracing follows nothing else.
        """
        self.run.add_graph(model, data_batch, **kwargs)

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """One event a number."""
        for name, value in numbers.items():
            self.run.add_scalar(name, value, step)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """One event, a PNG inside."""
        self.run.add_image(name, image, step, dataformats="HWC")

    def write_config(self, values: dict[str, Any]) -> None:
        """The config's text, in a block of fixed width."""
        self.run.add_text("config", f"```python\n{config_text(self.config)}\n```")

    def finish(self) -> None:
        """Flush and close the writer."""
        self.run.close()
