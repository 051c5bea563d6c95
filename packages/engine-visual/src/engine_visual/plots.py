"""Curves of runs as figures, with matplotlib."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine_visual.curves import Curve, Run, read_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Source = str | Path | Run
_PANEL = (4.8, 3.0)  # inches
_FAINT = 0.25
_STRETCHES = 960  # of a curve: two for each pixel of a panel's width


def plot_scalars(
    source: Source,
    keys: str | Iterable[str] | None = None,
    smooth: float = 0.0,
    *,
    out: str | Path | None = None,
    axis: str | None = None,
) -> Figure:
    """Draw a panel for each scalar of a run, its best value marked.

    Args:
        source: a work_dir, a session or ``vis_data`` folder, or a file of JSON lines.
        keys: names of scalars, or patterns such as ``loss*``; None takes all.
        smooth: weight of the moving average in [0, 1); the values as they are stay, faintly.
        out: a file to write, PNG, SVG or PDF.
        axis: ``epoch`` or ``iteration``; None takes epochs where there is more than one.

    Returns:
        the figure, for who wants to go on.

    Raises:
        FileNotFoundError: there are no scalars.
        KeyError: there is no such scalar.
    """
    run = source if isinstance(source, Run) else read_run(source)
    return _draw({run.name: run}, keys, smooth, out=out, axis=axis)


def compare(
    sources: Mapping[str, Source] | Sequence[Source],
    keys: str | Iterable[str] | None = None,
    smooth: float = 0.0,
    *,
    out: str | Path | None = None,
    axis: str | None = None,
) -> Figure:
    """Draw several runs, a panel for each scalar; the rest is as in `plot_scalars`.

    Args:
        sources: runs by the name that the legend shows, or a list of them.
        keys: names or patterns; a scalar that only some runs have is drawn for those.
        smooth: weight of the moving average in [0, 1).
        out: a file to write.
        axis: ``epoch`` or ``iteration``; None takes epochs where every run has several.

    Raises:
        ValueError: there is no run.
        KeyError: no run has such a scalar.
    """
    if isinstance(sources, Mapping):
        runs = {
            name: one if isinstance(one, Run) else read_run(one) for name, one in sources.items()
        }
    else:
        runs = {}
        for one in sources:
            run = one if isinstance(one, Run) else read_run(one)
            name, number = run.name, 2
            while name in runs:
                name, number = f"{run.name} ({number})", number + 1
            runs[name] = run
    if not runs:
        raise ValueError("compare needs at least one run")
    return _draw(runs, keys, smooth, out=out, axis=axis)


def plot_curve(
    x: Sequence[float],
    y: Sequence[float],
    *,
    smoothed: Sequence[float] | None = None,
    mark: float | None = None,
    top: float | None = None,
    labels: tuple[str, str] = ("", ""),
    title: str = "",
    out: str | Path | None = None,
) -> Figure:
    """Draw one quantity over another on a logarithmic axis, such as losses over learning rates.

    Args:
        x: positive numbers, rising.
        y: a number for each.
        smoothed: likewise; ``y`` is then drawn faintly.
        mark: an x that is pointed out.
        top: the largest y that is shown; None shows all.
        labels: what x and y are.
        title: a sentence above.
        out: a file to write, PNG, SVG or PDF.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(x, y, color="C0", alpha=1 if smoothed is None else _FAINT, linewidth=1)
    if smoothed is not None:
        axes.plot(x, smoothed, color="C0", linewidth=1.5)
    if mark is not None:
        axes.axvline(mark, color="C1", linestyle="--", linewidth=1)
    axes.set_xscale("log")
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.set_ylim(top=top)
    axes.set_title(title, fontsize=9, loc="left", wrap=True)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if out is not None:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(out)
    return figure


def _draw(
    runs: Mapping[str, Run],
    keys: str | Iterable[str] | None,
    smooth: float,
    *,
    out: str | Path | None,
    axis: str | None,
) -> Figure:
    from matplotlib.figure import Figure  # not pyplot: it needs no screen and keeps nothing open
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    panels = _panels(runs, keys)
    units = {run.axis(axis)[0] for run in runs.values()}
    unit = "epoch" if units == {"epoch"} else "iteration"
    columns = min(len(panels), 3) or 1
    rows = math.ceil(len(panels) / columns) or 1
    size = (_PANEL[0] * columns, _PANEL[1] * rows)
    figure = Figure(figsize=size, dpi=100)
    for i, (key, curves) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, i + 1)
        for number, (name, curve) in enumerate(curves.items()):
            scale = runs[name].axis(unit)[1]
            best = _draw_curve(axes, curve, f"C{number}", label=name, scale=scale, smooth=smooth)
            if len(runs) == 1:
                axes.set_title(best, fontsize=9, loc="right", color="0.35")
        axes.set_title(key, fontsize=11, loc="left")
        axes.set_xlabel(unit)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        if len(runs) > 1:
            axes.legend(fontsize=8, frameon=False)
    if out is not None:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        ConstrainedLayoutEngine().execute(figure)  # savefig would draw twice for a layout
        figure.savefig(out)
    figure.set_layout_engine("constrained")
    return figure


def _panels(
    runs: Mapping[str, Run], keys: str | Iterable[str] | None
) -> dict[str, dict[str, Curve]]:
    """Curves by key, then by run."""
    wanted: list[str | None] = [keys] if isinstance(keys, str) or keys is None else list(keys)
    panels: dict[str, dict[str, Curve]] = {}
    for key in wanted:
        errors = []
        for name, run in runs.items():
            try:
                for curve in run.select(key):
                    panels.setdefault(curve.key, {})[name] = curve
            except KeyError as error:
                errors.append(error)
        if len(errors) == len(runs):
            raise errors[0]
    return panels


def _draw_curve(
    axes: Axes, curve: Curve, color: str, *, label: str, scale: float, smooth: float
) -> str:
    """Draw one curve; return what its best value is, in words."""
    steps = [step / scale for step in curve.steps]
    best = curve.best() if len(steps) > 1 else None
    smooth = 0.0 if curve.kind == "learning rate" else smooth  # it has no noise
    text = "" if best is None else f"best {curve.values[best]:.4g} at {steps[best]:.4g}"
    if smooth:
        axes.plot(*_thinned(steps, curve.values), color=color, alpha=_FAINT, linewidth=1)
    axes.plot(
        *_thinned(steps, curve.smoothed(smooth)),
        color=color,
        linewidth=1.5,
        marker="o" if len(steps) == 1 else None,
        label=f"{label}: {text}" if text else label,
    )
    if best is not None:
        axes.plot(
            steps[best], curve.values[best], "o", markersize=6, color=color, markeredgecolor="white"
        )
    return text


def _thinned(steps: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """A curve's points as far as a picture can show them: of many, the extremes of each stretch.

    What isn't finite stays as it is, and so do all points of a curve that has it.
    """
    size = len(values) // _STRETCHES
    if size < 4 or not all(map(math.isfinite, values)):
        return [*steps], [*values]
    kept: list[int] = []
    for first in range(0, len(values), size):
        stretch = range(first, min(first + size, len(values)))
        lowest, highest = min(stretch, key=values.__getitem__), max(stretch, key=values.__getitem__)
        kept += sorted({stretch[0], lowest, highest, stretch[-1]})
    return [steps[i] for i in kept], [values[i] for i in kept]
