"""``engine compare``: several runs side by side."""

from __future__ import annotations

import sys
from typing import Final

import click

from engine_runner.cli.failures import plainly
from engine_runner.cli.options import traceback_option

__all__ = ["compare"]

_MANY: Final = 20  # from here on it takes seconds


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--out", default="compared.html", show_default=True, help="The page.")
@click.option(
    "--key", "keys", multiple=True, metavar="NAME", help="A scalar of the table; may be repeated."
)
@traceback_option
def compare(runs: tuple[str, ...], *, out: str, keys: tuple[str, ...], traceback: bool) -> None:
    """Compare RUNS, the folders of trainings: numbers, curves, pictures, and their configs.

    Folders may be remote, such as s3://bucket/runs/a. Prints a table, and writes one HTML file
    that needs no network. Nothing in the folders is executed.

    \b
    engine compare work_dirs/a work_dirs/b
    engine compare work_dirs/* --key accuracy --out page.html
    """
    with plainly(traceback=traceback):
        from engine_runner.compare import comparison_table, read_runs, write_comparison

        shown = click.progressbar(runs, label="reading", file=sys.stderr, hidden=len(runs) < _MANY)
        with shown as read:
            found = read_runs(read)
        click.echo(comparison_table(found, keys))
        click.echo(f"\npage: {write_comparison(found, out)}")
