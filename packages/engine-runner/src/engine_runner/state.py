"""Where a training stands: what a checkpoint saves, and a resume restores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["TrainState", "check_clock"]


_SAVED: Final = ("epoch", "iteration", "batch_in_epoch", "optimizer_steps", "validated_at")


@dataclass(slots=True)
class TrainState:
    """The clocks of a training.

    Attributes:
        epoch: epochs that were finished.
        iteration: batches that were trained on; an iteration is a batch.
        batch_in_epoch: batches of the present epoch that were trained on.
        optimizer_steps: iterations at whose end an optimizer moved the weights, which with
            accumulation are fewer; counted before `Hook.after_train_iter`, unlike the iteration.
            A step that a loss scaler leaves out because gradients overflowed counts, too: to find
            out would mean to wait for the device.
        validated_at: the iteration after which the last validation came to its end; a validation
            that is due and wasn't made is made by the training that goes on.
        has_stepped: whether the present iteration is one of these; not saved.
        pass_start: what the random number generators and samplers were when the present pass over
            the data began; a checkpoint holds it for every rank, beside the generators of its own
            moment.
        to_restore: what a checkpoint says of them, until the training goes on.
        place_in_data: returns where data are that tell it themselves; None for others.
        reading_over: how many batches were read over, and of how many, while that is done.
    """

    epoch: int = 0
    iteration: int = 0
    batch_in_epoch: int = 0
    optimizer_steps: int = 0
    validated_at: int = 0
    has_stepped: bool = field(default=False, compare=False)
    pass_start: dict[str, Any] | None = field(default=None, compare=False, repr=False)
    to_restore: dict[str, Any] | None = field(default=None, compare=False, repr=False)
    place_in_data: Callable[[], Any] | None = field(default=None, compare=False, repr=False)
    reading_over: tuple[int, int] | None = field(default=None, compare=False)

    def state_dict(self) -> dict[str, int]:
        """Return the clocks as plain data."""
        return {name: getattr(self, name) for name in _SAVED}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over clocks that `state_dict` returned.

        Raises:
            ValueError: one of them is missing, or no count.
        """
        for name in _SAVED:
            value = state.get(name)
            if not isinstance(value, int) or value < 0:
                raise ValueError(f"the state of a training needs {name!r}, a count: got {value!r}")
        for name in _SAVED:
            setattr(self, name, state[name])


def check_clock(where: str, clock: Any) -> str:
    """Return what may be counted: "iteration", a batch, or "step", a move of the weights.

    Raises:
        ValueError: it is neither.
    """
    if clock not in ("iteration", "step"):
        raise ValueError(f"{where}: clock is 'iteration' or 'step', got {clock!r}")
    return str(clock)
