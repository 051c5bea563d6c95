"""Which checkpoints stay."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Retention", "name_of"]


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


def name_of(address: object, beginning: str) -> str:
    """The name of a checkpoint's file, if it begins so; else nothing.

    What a hub says of files may be a stranger's, and isn't removed where he says that it lies.
    """
    name = address.replace("\\", "/").rpartition("/")[2] if isinstance(address, str) else ""
    return name if name.startswith(beginning) else ""
