"""The differences that are meant, with their reasons: one list for tests and documentation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sides import Difference

FILE = Path(__file__).parent.parent / "accepted.toml"
DOCUMENT = Path(__file__).parents[3] / "docs" / "differences.md"
BEGIN = "<!-- made by: python tests/oracle --table -->"
END = "<!-- end -->"


@dataclass(frozen=True)
class Accepted:
    """One kind of difference.

    Attributes:
        area: of programs where it is met.
        says: what differs, and why, as documented.
        example: a program that shows it.
        line: a pattern for the statement that gives two things.
        theirs: a pattern for what it gives in MMEngine, as JSON.
        ours: a pattern for what it gives here.
        goes_on: what follows in the program is compared, too.
    """

    area: str
    says: str
    example: str
    line: str = ""
    theirs: str = ""
    ours: str = ""
    goes_on: bool = False

    def covers(self, found: Difference) -> bool:
        """Whether a difference is of this kind."""
        pairs = (self.line, found.line), (self.theirs, found.theirs), (self.ours, found.ours)
        return all(re.search(pattern, text) for pattern, text in pairs)


def accepted() -> list[Accepted]:
    """Return all kinds."""
    with FILE.open("rb") as file:
        return [Accepted(**each) for each in tomllib.load(file)["accepted"]]


def table() -> str:
    """Return them as the documentation has them."""
    rows = [f"| {each.area.replace('_', ' ')} | {each.says} |" for each in accepted()]
    return "\n".join(
        [BEGIN, "", "| where | what differs, and why |", "| --- | --- |", *rows, "", END]
    )


def documented() -> str:
    """Return the documentation with the table as it should be."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    return head + table() + rest.split(END, 1)[1]
