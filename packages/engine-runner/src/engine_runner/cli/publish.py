"""``engine publish``: a checkpoint made ready to be given away."""

from __future__ import annotations

import click

from engine_runner.checkpoint import publish_model
from engine_runner.checkpoint.publish import FORMATS
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
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="safetensors holds weights alone, and needs the package.",
)
@traceback_option
def publish(checkpoint: str, *, keep: tuple[str, ...], file_format: str, traceback: bool) -> None:
    """Copy CHECKPOINT without optimizer and history, named by its hash, and print the address.

    \b
    engine publish work_dirs/resnet18/epoch_20.pth
    engine publish work_dirs/resnet18/epoch_20.pth --keep state_dict --keep ema_state_dict
    engine publish work_dirs/resnet18/epoch_20.pth --format safetensors
    """
    with plainly(traceback=traceback):
        click.echo(publish_model(checkpoint, keep, file_format=file_format))
