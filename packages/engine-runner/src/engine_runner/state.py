"""Where a training stands: what a checkpoint saves, and a resume restores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["TrainState"]


@dataclass(slots=True)
class TrainState:
    """The clocks of a training.

    Attributes:
        epoch: epochs that were finished.
        iteration: batches that were trained on; an iteration is a batch.
        batch_in_epoch: batches of the present epoch that were trained on.
    """

    epoch: int = 0
    iteration: int = 0
    batch_in_epoch: int = 0

    def state_dict(self) -> dict[str, int]:
        """Return the clocks as plain data."""
        return asdict(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over clocks that `state_dict` returned.

        Raises:
            ValueError: one of them is missing, or no count.
        """
        names = [field.name for field in fields(self)]
        for name in names:
            value = state.get(name)
            if not isinstance(value, int) or value < 0:
                raise ValueError(f"the state of a training needs {name!r}, a count: got {value!r}")
        for name in names:
            setattr(self, name, state[name])
