"""Which checkpoints stay."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Retention", "goes_on_here", "name_of"]


@dataclass(kw_only=True)
class Retention:
    """The numbers of the checkpoints that are there, and which of them may go.

    Attributes:
        newest: how many of the newest stay; all of them unless it is positive.
        every: those whose number is a multiple stay, too; 0 for none.
        kept: what is there, in the order in which it came.
    """

    newest: int
    every: int = 0
    kept: list[int] = field(default_factory=list)

    def after(self, number: int) -> list[int]:
        """Return what is kept when ``number`` has been added."""
        kept = [each for each in self.kept if each != number] + [number]
        gone = self.leaving(kept)
        return [each for each in kept if each not in gone]

    def leaving(self, kept: list[int]) -> list[int]:
        """Return those of ``kept`` that may go."""
        old = kept[: -self.newest] if self.newest > 0 else []
        return [each for each in old if not self.every or each % self.every]

    def add(self, number: int) -> list[int]:
        """Count a checkpoint that has been written, and return those to remove."""
        kept = [each for each in self.kept if each != number] + [number]
        self.kept = kept
        return self.leaving(kept)

    def removed(self, number: int) -> None:
        """Count a checkpoint no longer."""
        self.kept.remove(number)


def goes_on_here(runner: Any, folders: Iterable[Any]) -> bool:
    """Whether a training goes on in the folder in which it began.

    Then what its checkpoint says of files, and where the training stands, is of this folder. One
    that lies elsewhere may be a stranger's: where it lies is the one thing that it can't say.
    """
    resumed = getattr(runner, "resumed_from", None)
    return resumed is None or _parent(resumed) in {_folder(each) for each in folders}


def _parent(address: str) -> str:
    if "://" in address:
        return address.rstrip("/").rpartition("/")[0]
    return os.path.realpath(Path(address).parent)  # a link lies where it is


def _folder(address: Any) -> str:
    text = str(address)
    return text.rstrip("/") if "://" in text else os.path.realpath(text)


def name_of(address: object, beginning: str) -> str:
    """The name of a checkpoint's file, if it begins so; else nothing.

    What a hub says of files may be a stranger's, and isn't removed where he says that it lies.
    """
    name = address.replace("\\", "/").rpartition("/")[2] if isinstance(address, str) else ""
    return name if name.startswith(beginning) else ""
