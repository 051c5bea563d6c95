"""Numbers in short, and plain tables."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["short", "table"]


def short(number: int, digits: int = 3) -> str:
    """Return a count as people write it: 25.557M, 1.02K, 16."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")):
        if number >= limit / 10:  # 0.33K reads better than 330
            return f"{round(number / limit, digits):g}{unit}"
    return str(number)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> str:
    """Return a table as text."""
    made = Table(*columns, title=title or None, box=box.ASCII2)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    file = io.StringIO()
    Console(file=file, width=10_000, color_system=None, legacy_windows=False).print(made)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
