"""The page of a sweep: its best trial, history, importance and all trials, in one file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from engine_runner.compare import read_runs, write_comparison
from engine_sweep.sweep import Sweep

__all__ = ["write_pages"]

logger = logging.getLogger(__name__)

_STYLE = (
    "body{margin:0 auto;max-width:1200px;padding:24px;font:15px/1.5 system-ui,sans-serif}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:3px 14px;"
    "border-bottom:1px solid #8884}"
)


def write_pages(sweep: Sweep) -> list[Path]:
    """Write ``trials.html``, the trials side by side, and with plotly ``sweep.html``.

    Returns:
        the files.
    """
    found: list[Path] = []
    folders = [sweep.folder(trial) for trial in sweep.results()]
    runs = [folder for folder in folders if any(folder.glob("**/vis_data/scalars.json"))]
    if runs:
        found.append(write_comparison(read_runs(runs), sweep.work_dir / "trials.html"))
    if find_spec("plotly") is None:
        logger.info("history and importance need a package: pip install 'engine-sweep[page]'")
    elif runs:
        page = sweep.work_dir / "sweep.html"
        page.write_text(_page(sweep), encoding="utf-8")
        found.append(page)
    return found


def _page(sweep: Sweep) -> str:
    title = escape(sweep.name)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"{_best(sweep)}{''.join(_figures(sweep.study))}</body></html>\n"
    )


def _best(sweep: Sweep) -> str:
    done = [each for each in sweep.results() if each.state is TrialState.COMPLETE]
    if not done:
        return "<p>No trial was completed.</p>"
    best = sweep.study.best_trial
    rows = "".join(
        f"<tr><td>{escape(key)}</td><td>{escape(repr(_value(sweep, key)))}</td>"
        f"<td>{escape(repr(value))}</td></tr>"
        for key, value in best.params.items()
    )
    return (
        f"<h2>Best: {escape(sweep.settings.metric)} {best.value:.6g}, "
        f"{escape(sweep.folder(best).name)}</h2>"
        f"<table><tr><th></th><th>config</th><th>best</th></tr>{rows}</table>"
        '<p><a href="trials.html">All trials, with their curves</a></p>'
    )


def _value(sweep: Sweep, key: str) -> Any:
    found: Any = sweep.cfg
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) or hasattr(found, "get") else None
    return found


def _figures(study: optuna.Study) -> Iterator[str]:
    drawn: Any = import_module("optuna.visualization")
    script: bool | str = True  # plotly's, once
    figures: dict[str, Callable[[Any], Any]] = {
        "History": drawn.plot_optimization_history,
        "Importance": drawn.plot_param_importances,
        "Parallel coordinates": drawn.plot_parallel_coordinate,
        "Validations": drawn.plot_intermediate_values,
    }
    for name, draw in figures.items():
        try:
            figure = draw(study)
        except (ValueError, RuntimeError, ImportError) as error:  # too few trials, say
            logger.info("%s isn't drawn: %s", name.lower(), error)
            continue
        yield figure.to_html(full_html=False, include_plotlyjs=script)
        script = False
