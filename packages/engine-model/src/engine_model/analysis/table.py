"""Numbers in short, and plain tables."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["short", "table"]


def short(number: int, digits: int = 3) -> str:
    """Return a count as people write it: 25.557M, 1.02K, 16."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")):
        if number >= limit / 10:  # 0.33K reads better than 330
            return f"{round(number / limit, digits):g}{unit}"
    return str(number)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> str:
    """Return a table as text."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    rule = "+".join(["", *("-" * (width + 2) for width in widths), ""])

    def line(cells: Sequence[str]) -> str:
        padded = (f" {cell:{width}} " for cell, width in zip(cells, widths, strict=True))
        return "|".join(["", *padded, ""])

    head = [title.center(len(rule)).rstrip()] if title else []
    return "\n".join([*head, rule, line(columns), rule, *map(line, rows), rule])
