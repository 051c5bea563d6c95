"""Training protocol: what saving and resuming see of a runner, and the steps that they call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine_runner.protocols import RunnerLike

__all__ = ["Training"]


class Training(RunnerLike, Protocol):
    """A training with its model, optimizers, schedulers and clocks.

    Its methods are steps that a subclass of the runner may override: what saves and resumes calls
    them here, never past it. A resume assigns ``param_schedulers`` and what ``state`` holds.
    """

    @property
    def model_name(self) -> str:
        """The class of the model."""

    @property
    def diff_rank_seed(self) -> bool:
        """Whether each rank has a seed of its own."""

    def build_param_scheduler(self, scheduler: Any) -> Any:
        """Return the schedulers of their configs."""

    def set_randomness(
        self,
        seed: int | None,
        diff_rank_seed: bool = False,
        deterministic: bool = False,
        *,
        per_sample: bool = False,
    ) -> None:
        """Seed all generators of this process."""

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable[..., Any] = "cpu",
        strict: bool = False,
    ) -> Any:
        """Put the weights of a checkpoint into the model."""

    def resume(self, filename: str) -> None:
        """Go on from a checkpoint."""
