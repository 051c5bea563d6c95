"""``engine publish``: a checkpoint made ready to be given away."""

from __future__ import annotations

import click

from engine_runner.checkpoint import publish_model
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import traceback_option

__all__ = ["publish"]


@click.command()
@click.argument("checkpoint")
@click.option(
    "--keep",
    multiple=True,
    default=("meta", "state_dict"),
    show_default=True,
    metavar="NAME",
    help="A part to keep; may be repeated.",
)
@traceback_option
def publish(checkpoint: str, *, keep: tuple[str, ...], traceback: bool) -> None:
    """Copy CHECKPOINT without optimizer and history, named by its hash, and print the address.

    \b
    engine publish work_dirs/resnet18/epoch_20.pth
    engine publish work_dirs/resnet18/epoch_20.pth --keep state_dict --keep ema_state_dict
    """
    with plainly(traceback=traceback):
        click.echo(publish_model(checkpoint, keep))
