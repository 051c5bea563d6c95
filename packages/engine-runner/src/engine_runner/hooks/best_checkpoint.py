"""Which of two metrics is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from engine_runner.errors import UnknownRuleError

__all__ = [
    "COMPARISONS",
    "GREATER_KEYS",
    "LESS_KEYS",
    "WORST",
    "among_the_best",
    "rule_of",
    "rules_of",
    "watched",
]

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "greater": lambda new, best: new > best,
    "less": lambda new, best: new < best,
}
WORST: Final = {"greater": -math.inf, "less": math.inf}
GREATER_KEYS: Final = (
    *("acc", "top", "AR@", "auc", "precision", "mAP", "mDice", "mIoU", "mAcc", "aAcc"),
)
LESS_KEYS: Final = ("loss",)


Scored = list[Any]  # a score, and the address of its checkpoint


def among_the_best(
    kept: Sequence[Scored], new: Scored, better: Callable[[Any, Any], bool], *, number: int
) -> tuple[list[Scored], list[Scored]] | None:
    """Return the best with a new one among them, and those that leave; None if it is no better.

    Args:
        kept: the best so far, the best of all first.
        new: score and address; one of the same address is replaced.
        better: whether a score is better than another.
        number: so many stay.
    """
    if new[0] != new[0] or (len(kept) >= number and not better(new[0], kept[-1][0])):
        return None
    others = [each for each in kept if each[1] != new[1]]
    place = next((i for i, each in enumerate(others) if better(new[0], each[0])), len(others))
    ranked = [*others[:place], new, *others[place:]]
    return ranked[:number], ranked[number:]


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


def rules_of(
    names: Sequence[str], rule: str | list[str] | None, of: Callable[[str], str]
) -> dict[str, str]:
    """Return for each watched metric which is better; of "auto" it is known when it has a name.

    Args:
        names: the metrics.
        rule: what was given for all, or for each; None where the name tells.
        of: which is better of a metric of that name.

    Raises:
        ValueError: they contradict each other.
        UnknownRuleError: a rule is neither "greater" nor "less".
    """
    if not names:
        return {}  # a rule that nothing is compared by
    rules = [*rule] if isinstance(rule, list) else [rule] * len(names)
    if len(rules) != len(names):
        raise ValueError(
            f"CheckpointHook: {len(names)} metrics of save_best, but {len(rules)} of rule"
        )
    if "auto" in names and len(names) > 1:
        raise ValueError('CheckpointHook: save_best="auto" stands alone')
    for each in rules:
        if each is not None and each not in COMPARISONS:
            raise UnknownRuleError(f"CheckpointHook: rule is 'greater' or 'less', got {each!r}")
    found = {}
    for name, given in zip(names, rules, strict=True):
        if given is not None:
            found[name] = given
        elif name != "auto":
            found[name] = of(name)
    return found


def watched(save_best: str | list[str] | None) -> list[str]:
    """Return the names of the metrics to watch.

    Raises:
        TypeError: they are no names, or one stands there twice.
    """
    if save_best is None:
        return []
    names = [save_best] if isinstance(save_best, str) else list(save_best)
    if len(set(names)) != len(names) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"CheckpointHook: save_best must be names of metrics, got {save_best!r}")
    return names


def are_ranked(kept: Any) -> bool:
    """Whether a value is a list of scores and addresses, as `among_the_best` gives."""
    return isinstance(kept, list) and all(
        isinstance(each, list | tuple)
        and len(each) == 2
        and isinstance(each[0], int | float)
        and isinstance(each[1], str)
        for each in kept
    )
