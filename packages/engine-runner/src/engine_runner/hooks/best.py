"""Which of two metrics is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["COMPARISONS", "GREATER_KEYS", "LESS_KEYS", "WORST", "rule_of"]

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "greater": lambda new, best: new > best,
    "less": lambda new, best: new < best,
}
WORST: Final = {"greater": -math.inf, "less": math.inf}
GREATER_KEYS: Final = (
    *("acc", "top", "AR@", "auc", "precision", "mAP", "mDice", "mIoU", "mAcc", "aAcc"),
)
LESS_KEYS: Final = ("loss",)


def rule_of(
    name: str,
    *,
    greater_keys: Sequence[str] = GREATER_KEYS,
    less_keys: Sequence[str] = LESS_KEYS,
) -> str:
    """Return "greater" or "less": which is better for a metric of this name.

    A name that is one of the keys decides, then one that contains a key; case doesn't count. What
    comes before the last slash, such as the name of a data set, counts only if the rest says
    nothing.

    Raises:
        ValueError: the name says nothing.
    """
    greater = [key.lower() for key in greater_keys]
    less = [key.lower() for key in less_keys]
    whole = name.lower()
    for lowered in (whole, whole.rpartition("/")[2]):
        if lowered in greater:
            return "greater"
        if lowered in less:
            return "less"
    for lowered in (whole.rpartition("/")[2], whole):
        if any(key in lowered for key in greater):
            return "greater"
        if any(key in lowered for key in less):
            return "less"
    raise ValueError(
        f"whether a greater or a smaller {name!r} is better can't be told from its name; give "
        "rule='greater' or rule='less'"
    )
