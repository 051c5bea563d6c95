"""The page of a sweep: its best trial, history, importance and all trials, in one file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from engine_config import Config
from engine_runner.cli.config_overrides import value_at
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
        f"<tr><td>{escape(key)}</td><td>{escape(repr(value_before(sweep.cfg, key)))}</td>"
        f"<td>{escape(repr(value))}</td></tr>"
        for key, value in best.params.items()
    )
    return (
        f"<h2>Best: {escape(sweep.settings.metric)} {best.value:.6g}, "
        f"{escape(sweep.folder(best).name)}</h2>"
        f"<table><tr><th></th><th>config</th><th>best</th></tr>{rows}</table>"
        '<p><a href="trials.html">All trials, with their curves</a></p>'
    )


def value_before(cfg: Config, key: str) -> Any:
    """Return the value that a config has for a dotted key, or None."""
    try:
        return value_at(cfg, key)
    except KeyError:
        return None


def _figures(study: optuna.Study) -> Iterator[str]:
    drawn: Any = import_module("optuna.visualization")
    script: bool | str = True  # plotly's, once
    figures: dict[str, Callable[[Any], Any]] = {
        "History": drawn.plot_optimization_history,
        "Importance": drawn.plot_param_importances,
        "Parallel coordinates": drawn.plot_parallel_coordinate,
        "Validations": drawn.plot_intermediate_values,
    }
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # where few trials say little
    for name, draw in figures.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                figure = draw(study)
        except Exception as error:  # too few trials, say, or choices that are lists
            logger.info("%s isn't drawn: %s", name.lower(), error)
            continue
        yield figure.to_html(full_html=False, include_plotlyjs=script)
        script = False
