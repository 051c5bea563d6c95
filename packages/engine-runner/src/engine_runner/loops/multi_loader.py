"""Several data sets in one evaluation: their loaders, evaluators, names and intervals."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from torch.utils.data import DataLoader

__all__ = ["EvaluationSet", "SeveralLoaders", "evaluators_of", "intervals_of", "loaders_of"]


@dataclass(frozen=True, kw_only=True)
class EvaluationSet:
    """One data set of an evaluation.

    Attributes:
        name: comes before the names of its metrics, with a slash; "" where it is the only one.
        loader: its batches.
        evaluator: what measures; None measures nothing but losses.
        interval: epochs or iterations of a training between two evaluations of it.
    """

    name: str
    loader: Any
    evaluator: Any
    interval: int = 1

    def prefixed(self, name: str) -> str:
        """A metric's name, with the set's before it."""
        return f"{self.name}/{name}" if self.name else name


class SeveralLoaders:
    """The loaders of several data sets, as hooks and log lines see them: as one loader.

    It is as long as those sets together whose turn it is, and gives their batches one set after
    the other. Any other attribute, such as ``dataset``, is that of the set being read: of the
    first one when none is.

    Args:
        loaders: by name.

    Attributes:
        loaders: as given.
        skipped: the names of the sets whose turn it isn't in the present evaluation.
    """

    def __init__(self, loaders: Mapping[str, Any]) -> None:
        self.loaders = dict(loaders)
        self.skipped: tuple[str, ...] = ()
        self._present = next(iter(self.loaders))

    @property
    def set_name(self) -> str:
        """The name of the set being read, or read last."""
        return self._present

    def begin(self, names: Sequence[str]) -> None:
        """Say whose turn it is."""
        self.skipped = tuple(name for name in self.loaders if name not in names)

    def enter(self, name: str) -> None:
        """Say which set is read from now on."""
        self._present = name

    def __len__(self) -> int:
        return sum(len(each) for name, each in self.loaders.items() if name not in self.skipped)

    def __iter__(self) -> Iterator[Any]:
        for name, loader in self.loaders.items():
            if name not in self.skipped:
                self.enter(name)
                yield from loader

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("loaders", "_present"):
            raise AttributeError(name)
        return getattr(self.loaders[self._present], name)


def loaders_of(given: Any) -> dict[str, Any] | None:
    """Return several loaders or their configs by name; None if ``given`` is one loader.

    A dict with the key "dataset" is one loader's config; a list of loaders or configs names each
    after the class of its data set, and its place where two have the same.

    Raises:
        TypeError: some of a dict are loaders, but not all.
    """
    if isinstance(given, Mapping) and "dataset" not in given:
        if not any(map(_is_loader, given.values())):
            return None
        for name, each in given.items():
            if not _is_loader(each) and (
                isinstance(each, Mapping) or not hasattr(each, "__iter__")
            ):
                raise TypeError(
                    f"several sets are a dict of loaders by name, but {name!r} is {each!r:.200}: "
                    "no loader, nor the config of one, which has the key 'dataset'"
                )
        return dict(given)
    if isinstance(given, list | tuple) and given and all(map(_is_loader, given)):
        names = [_class_name(each) for each in given]
        often = Counter(names)
        unique = [
            f"{name}_{place}" if often[name] > 1 else name for place, name in enumerate(names)
        ]
        return dict(zip(unique, given, strict=True))
    return None


def _is_loader(given: Any) -> bool:
    return isinstance(given, DataLoader) or (isinstance(given, Mapping) and "dataset" in given)


def _class_name(given: Any) -> str:
    dataset = given["dataset"] if isinstance(given, Mapping) else given.dataset
    kind = dataset.get("type") if isinstance(dataset, Mapping) else type(dataset)
    return kind.rpartition(".")[2] if isinstance(kind, str) else getattr(kind, "__name__", "set")


def evaluators_of(given: Any, names: Sequence[str], where: str) -> dict[str, Any]:
    """Return an evaluator or its config for each of several sets; None where there is none.

    Args:
        given: a dict of the sets' names, or one for all, of which each set gets a copy.
        names: of the sets.
        where: the argument, for an error's message.

    Raises:
        ValueError: a set has none, or there is one for a set that isn't there.
    """
    if given is None:
        return dict.fromkeys(names)
    if not isinstance(given, Mapping) or "type" in given or "metrics" in given:
        return {name: copy.deepcopy(given) for name in names}
    _check_names(given, names, where)
    missing = [name for name in names if name not in given]
    if missing:
        raise ValueError(
            f"{where} has none for the set {', '.join(map(repr, missing))}: give each of "
            f"{[*names]} one, or all the same; None measures nothing but losses"
        )
    return dict(given)


def intervals_of(given: Any, names: Sequence[str], where: str) -> dict[str, int]:
    """Return the interval of each of several sets, 1 where none is given.

    Raises:
        TypeError: it is no dict.
        ValueError: there is no such set, or an interval isn't positive.
    """
    if given is None:
        return dict.fromkeys(names, 1)
    if not isinstance(given, Mapping):
        raise TypeError(f"{where} must be a dict of intervals by the sets' names, got {given!r}")
    _check_names(given, names, where)
    for name, interval in given.items():
        if not isinstance(interval, int) or interval < 1:
            raise ValueError(f"{where}: that of {name!r} must be a positive int, got {interval!r}")
    return {name: given.get(name, 1) for name in names}


def _check_names(given: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in given:
        if name in names:
            continue
        if not names:
            raise ValueError(f"{where} has the set {name!r}, but there is only one, without a name")
        near = get_close_matches(str(name), names, n=1) or [*names]
        raise ValueError(
            f"{where} has {name!r}, which is no set; did you mean {' or '.join(map(repr, near))}?"
        )
