"""What a log shows to have gone wrong."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["NonFiniteLossError"]


class NonFiniteLossError(FloatingPointError):
    """A loss or a gradient is NaN or infinite.

    Args:
        message: what is said.
        iteration: in which it was so first, from 1.
        losses: the losses then, by name.
    """

    def __init__(
        self,
        message: str,
        *,
        iteration: int | None = None,
        losses: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(message)
        self.iteration = iteration
        self.losses = dict(losses or {})
