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
    lines: list[tuple[str, str | None]] = [("checkpoint", find_latest_checkpoint(runner.work_dir))]
    best, score = hub.get_info("best_ckpt"), hub.get_info("best_score")
    if best and exists(best):
        lines.append((f"best ({score:.4f})", best))
    if "://" not in runner.work_dir:
        lines += _pictures(runner)
    click.echo()
    for name, value in lines:
        if value:
            click.echo(f"{name + ':':<16} {value}")


def _pictures(runner: Runner) -> list[tuple[str, str | None]]:
    """What can be looked at; nothing where no iteration was left to train."""
    curves = join_path(runner.work_dir, "curves.png")
    report = join_path(runner.work_dir, "report.html")
    try:
        plot_scalars(runner.work_dir, out=curves)
        write_report(runner.work_dir, out=report)
    except FileNotFoundError:
        logger.debug("there are no scalars to draw in %s", runner.work_dir)
        return []
    return [("curves", curves), ("report", report)]
