"""The page: what the run came to, its curves, its pictures, its config."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from engine_visual.curves import Curve, Run, read_run
from engine_visual.report.chart import chart
from engine_visual.report.pictures import find_pictures

_SECTIONS = {
    "Training": ("loss", "learning rate"),
    "Metrics": ("metric",),
    "Seconds per step": ("time",),
    "Other": ("other",),
}


def write_report(work_dir: str | Path, out: str | Path | None = None) -> Path:
    """Write a run as one HTML file: curves, config, sample images; return where.

    It asks for no server and no network, follows the browser's light or dark colours, and shows
    values under the pointer.

    Args:
        work_dir: where the run wrote, with Engine or with MMEngine; or one of its sessions.
        out: the file; None is ``report.html`` in ``work_dir``.

    Raises:
        FileNotFoundError: there are no scalars below ``work_dir``.
    """
    work_dir = Path(work_dir)
    run = read_run(work_dir)
    out = work_dir / "report.html" if out is None else Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_page(run, work_dir), encoding="utf-8")
    return out


def _page(run: Run, work_dir: Path) -> str:
    body = [
        f"<header><h1>{escape(run.name)}</h1>{_facts(run)}</header>",
        *_charts(run),
        *_pictures(work_dir),
        *_config(work_dir),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(run.name)}</title><style>{_file('style.css')}</style></head>\n<body>"
        + "\n".join(body)
        + f"\n<script>{_file('script.js')}</script></body></html>\n"
    )


def _file(name: str) -> str:
    return files("engine_visual.report").joinpath(name).read_text(encoding="utf-8")


def _facts(run: Run) -> str:
    """How far the run came, and its best values."""
    unit, scale = run.axis(None)
    last = max((curve.steps[-1] for curve in run.curves.values()), default=0)
    facts = [("iterations", f"{last:.0f}")]
    if unit == "epoch":
        facts.insert(0, ("epochs", f"{last / scale:.4g}"))
    for curve in run.curves.values():
        best = curve.best()
        if best is not None and curve.kind == "metric":
            at = f"{unit} {curve.steps[best] / scale:.4g}"
            facts.append((f"best {curve.key}", f"{curve.values[best]:.4g} <small>{at}</small>"))
    if "loss" in run.curves:
        facts.append(("last loss", f"{run.curves['loss'].values[-1]:.4g}"))
    items = [f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts]
    return f"<dl>{''.join(items)}</dl>"


def _charts(run: Run) -> Iterator[str]:
    unit, scale = run.axis(None)
    for title, kinds in _SECTIONS.items():
        curves = [curve for curve in run.curves.values() if curve.kind in kinds]
        if curves:
            figures = "".join(_figure(curve, unit, scale) for curve in curves)
            yield f'<h2>{title}</h2><div class="charts">{figures}</div>'


def _figure(curve: Curve, unit: str, scale: float) -> str:
    best = curve.best()
    text = f"last {curve.values[-1]:.4g}"
    if best is not None and len(curve.values) > 1:
        text = f"best {curve.values[best]:.4g} at {unit} {curve.steps[best] / scale:.4g}, {text}"
    caption = f"<figcaption>{escape(curve.key)} <small>{text}</small></figcaption>"
    return f"<figure>{caption}{chart(curve, unit=unit, scale=scale)}</figure>"


def _pictures(work_dir: Path) -> Iterator[str]:
    figures = []
    for picture in find_pictures(work_dir):
        step = "" if picture.step is None else f" <small>step {picture.step}</small>"
        name = escape(picture.name)
        figures.append(
            f'<figure><img src="{picture.address}" alt="{name}">'
            f"<figcaption>{name}{step}</figcaption></figure>"
        )
    if figures:
        yield f'<h2>Samples</h2><div class="pictures">{"".join(figures)}</div>'


def _config(work_dir: Path) -> Iterator[str]:
    """The latest config that lies there: a back-end's, or the one that MMEngine dumps."""
    found = sorted(work_dir.glob("**/vis_data/config.py")) or sorted(work_dir.glob("*.py"))
    if found:
        name, text = escape(found[-1].name), escape(found[-1].read_text(encoding="utf-8"))
        details = f"<details><summary>{name}</summary><pre>{text}</pre></details>"
        yield f"<h2>Config</h2>{details}"
