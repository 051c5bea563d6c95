"""Transforms one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine_registry import TRANSFORMS

__all__ = ["Compose"]


class Compose:
    """Calls transforms in turn, each with what the one before returned.

    Args:
        transforms: each a callable, or a config that `TRANSFORMS` builds one from; None is none.

    Raises:
        TypeError: one is neither, or what was built can't be called.
    """

    def __init__(self, transforms: Sequence[dict[str, Any] | Callable[[Any], Any]] | None) -> None:
        self.transforms: list[Callable[[Any], Any]] = []
        for index, transform in enumerate(transforms or ()):
            built = TRANSFORMS.build(transform) if isinstance(transform, dict) else transform
            if not callable(built):
                raise TypeError(
                    f"transform {index} of the pipeline must be a callable or a config of one: "
                    f"got {built!r}"
                )
            self.transforms.append(built)

    def __call__(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """Return what the last transform makes of ``data``; None as soon as one returns None."""
        current: dict[str, Any] | None = data
        for transform in self.transforms:
            try:
                current = transform(current)
            except Exception as error:
                error.add_note(f"in the transform {_name(transform)}")
                raise
            if current is None:
                return None
        return current

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"{type(self).__name__}({lines}\n)"


def _name(transform: Callable[[Any], Any]) -> str:
    return getattr(transform, "__name__", type(transform).__name__)
