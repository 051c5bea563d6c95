"""Runs as one HTML file, which needs no server and no network."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from engine_runner.compare.run import ComparedRun
from engine_runner.compare.settings import differences
from engine_runner.compare.table import metrics_of
from engine_visual.curves import Curve

__all__ = ["write_comparison"]

_POINTS: Final = 40_000  # of one scalar, over all runs
_FEWEST: Final = 200  # of a curve
_MOST: Final = 1000


def write_comparison(runs: Sequence[ComparedRun], out: str | Path) -> Path:
    """Write runs as a page: numbers, curves, what their configs differ in, pictures.

    Long curves are thinned to what a screen shows, with the extremes of what is left out.

    Args:
        runs: the runs.
        out: the file.
    """
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(_data(runs), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    title = f"{len(runs)} runs" if len(runs) != 1 else escape(runs[0].name)
    out.write_text(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_file('page.css')}</style></head>\n<body>"
        f"{_file('page.html')}"
        f'<script type="application/json" id="data">{data}</script>'
        f"<script>{_file('page.js')}</script></body></html>\n",
        encoding="utf-8",
    )
    return out


def _file(name: str) -> str:
    return files("engine_runner.compare").joinpath(name).read_text(encoding="utf-8")


def _data(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """What the page's script draws."""
    points = max(_FEWEST, min(_MOST, _POINTS // max(1, len(runs))))
    keys = dict.fromkeys(key for each in runs for key in each.run.curves)
    return {
        "keys": [*keys],
        "metrics": metrics_of(runs),
        "runs": [_run(each, points) for each in runs],
        "differences": [
            {"key": each.key, "values": each.values, "places": each.places}
            for each in differences(runs)
        ],
    }


def _run(each: ComparedRun, points: int) -> dict[str, Any]:
    unit, scale = each.run.axis(None)
    return {
        "name": each.name,
        "unit": unit,
        "best": {key: _finite(each.best(key)) for key in each.run.curves},
        "last": {key: _finite(each.last(key)) for key in each.run.curves},
        "seconds": _finite(each.seconds_per_iter),
        "memory": _finite(each.memory_mb),
        **each.facts,
        "curves": {key: _thinned(curve, scale, points) for key, curve in each.run.curves.items()},
        "pictures": [
            {"name": one.name, "step": one.step, "src": one.address} for one in each.pictures
        ],
    }


def _thinned(curve: Curve, scale: float, points: int) -> list[list[float | None]]:
    """The steps and values of a curve; of each stretch that is left out, the least and largest."""
    steps, values = curve.steps, curve.values
    if len(steps) > points:
        width = math.ceil(2 * len(steps) / points)
        kept: set[int] = {len(steps) - 1}
        for start in range(0, len(steps), width):
            stretch = range(start, min(start + width, len(steps)))
            finite = [i for i in stretch if math.isfinite(values[i])] or [start]
            kept |= {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)}
        chosen = sorted(kept)
        steps, values = [steps[i] for i in chosen], [values[i] for i in chosen]
    return [[_short(step / scale) for step in steps], [_finite(value) for value in values]]


def _finite(value: float | None) -> float | None:
    return _short(value) if value is not None and math.isfinite(value) else None


def _short(value: float) -> float:
    return float(f"{value:.6g}")
