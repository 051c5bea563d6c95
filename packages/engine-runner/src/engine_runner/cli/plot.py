"""``engine plot``: curves of one run, or of several."""

from __future__ import annotations

from pathlib import Path

import click

from engine_runner.cli.failures import plainly
from engine_runner.cli.options import traceback_option

__all__ = ["plot"]


@click.command()
@click.argument("work_dirs", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--out", help="The picture; by default curves.png in the work_dir.")
@click.option(
    "--key", "keys", multiple=True, metavar="NAME", help="A scalar, such as loss; may be repeated."
)
@click.option("--smooth", type=float, default=0.0, help="0 (not at all) to below 1.")
@click.option("--report", is_flag=True, help="Write report.html of one run as well.")
@traceback_option
def plot(
    work_dirs: tuple[str, ...],
    *,
    out: str | None,
    keys: tuple[str, ...],
    smooth: float,
    report: bool,
    traceback: bool,
) -> None:
    """Draw the curves of WORK_DIRS: all scalars of one run, or those of several side by side.

    \b
    engine plot work_dirs/resnet18
    engine plot work_dirs/resnet18 --key loss --key accuracy --smooth 0.9
    engine plot work_dirs/a work_dirs/b --out a_and_b.png
    """
    chosen = list(keys) or None
    with plainly(traceback=traceback):
        from engine_visual import compare, plot_scalars, write_report

        if len(work_dirs) == 1:
            target = out or str(Path(work_dirs[0]) / "curves.png")
            plot_scalars(work_dirs[0], chosen, out=target, smooth=smooth)
        else:
            target = out or "compared.png"
            compare(work_dirs, chosen, out=target, smooth=smooth)
        click.echo(target)
        if report:
            click.echo(write_report(work_dirs[0]))
