"""Runs as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from engine_runner.compare.run import ComparedRun
from engine_runner.compare.settings import differences

__all__ = ["aligned", "comparison_table", "metrics_of"]

_METRICS = 4
_DIFFERENCES = 20
_WIDTH = 40  # of a value
_SIDE_BY_SIDE = 6


def metrics_of(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the names of what validations measured, or else of the losses, of all runs."""
    for kind in ("metric", "loss"):
        names = {c.key: None for each in runs for c in each.run.curves.values() if c.kind == kind}
        if names:
            return [*names]
    return []


def comparison_table(runs: Sequence[ComparedRun], keys: Sequence[str] = ()) -> str:
    """Return a line for each run: best and last numbers, speed, memory, seed; then what differs.

    Args:
        runs: the runs.
        keys: scalars to tell; by default the first few metrics.

    Raises:
        KeyError: no run has such a scalar.
    """
    known = dict.fromkeys(key for each in runs for key in each.run.curves)
    for key in keys:
        if key not in known:
            raise KeyError(f"no run has a scalar {key!r}; there are {', '.join(known)}")
    shown = [*keys] or metrics_of(runs)[:_METRICS]
    head = ["run", *(f"{key} {what}" for key in shown for what in ("best", "last"))]
    rows = [[*head, "s/iter", "MB", "seed", "torch"]]
    for each in runs:
        numbers = [value for key in shown for value in (each.best(key), each.last(key))]
        cells = [_number(value) for value in (*numbers, each.seconds_per_iter, each.memory_mb)]
        facts = [each.facts.get(name, "") for name in ("seed", "torch")]
        rows.append([each.name, *cells, *facts])
    return "\n".join([*aligned(rows), *_differing(runs)])


def _differing(runs: Sequence[ComparedRun]) -> list[str]:
    found = differences(runs)
    if not found:
        return []
    if len(runs) > _SIDE_BY_SIDE:
        return ["", f"the configs differ in {len(found)} values, which the page has"]
    rows = [["the configs differ in", *(each.name for each in runs)]]
    for each in found[:_DIFFERENCES]:
        values = ["" if value is None else value for value in each.values]
        short = [v if len(v) <= _WIDTH else v[: _WIDTH - 1] + "…" for v in values]
        rows.append([each.key, *short])
    more = len(found) - _DIFFERENCES
    return ["", *aligned(rows), *([f"and {more} more, which the page has"] if more > 0 else [])]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns begin at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
