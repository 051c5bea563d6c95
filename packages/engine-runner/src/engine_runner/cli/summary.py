"""What is said at the end of a training: where everything is."""

from __future__ import annotations

import logging

import click

from engine_fileio import exists, join_path
from engine_runner.runner import Runner, find_latest_checkpoint
from engine_visual import plot_scalars, write_report

__all__ = ["summarise"]

logger = logging.getLogger(__name__)


def summarise(runner: Runner) -> None:
    """Draw the curves, write the report, and print where they and the checkpoints are."""
    hub = runner.message_hub
    lines = [("checkpoint", find_latest_checkpoint(runner.work_dir))]
    best, score = hub.get_info("best_ckpt"), hub.get_info("best_score")
    if best and exists(best):
        lines.append((f"best ({score:.4f})", best))
    if "://" not in runner.work_dir:
        curves = join_path(runner.work_dir, "curves.png")
        plot_scalars(runner.log_dir, out=curves)
        lines.append(("curves", curves))
        report = join_path(runner.work_dir, "report.html")
        lines.append(("report", str(write_report(runner.work_dir, out=report))))
    click.echo()
    for name, value in lines:
        if value:
            click.echo(f"{name + ':':<16} {value}")
