"""``engine publish``: a checkpoint made ready to be given away."""

from __future__ import annotations

import click

from engine_checkpoint.formats import FORMATS
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import traceback_option

__all__ = ["publish"]


@click.command()
@click.argument("checkpoint")
@click.argument("out", required=False)
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME",
    help="A part to keep; may be repeated. By default meta and state_dict, for mmengine all.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    help="pth; safetensors, which holds weights alone; or mmengine, from which MMEngine goes on "
    "with its history. By default what OUT ends with, or pth.",
)
@traceback_option
def publish(
    checkpoint: str,
    out: str | None,
    *,
    keep: tuple[str, ...],
    file_format: str | None,
    traceback: bool,
) -> None:
    """Copy CHECKPOINT without optimizer and history to OUT, and print the address.

    Without OUT the copy is beside it, named by its hash. CHECKPOINT may be the folder of a sharded
    checkpoint.

    \b
    engine publish work_dirs/resnet18/epoch_20.pth
    engine publish work_dirs/resnet18/epoch_20.pth --keep state_dict --keep ema_state_dict
    engine publish work_dirs/resnet18/epoch_20.pth --format safetensors
    engine publish work_dirs/llama/iter_2000.pth llama.safetensors
    engine publish work_dirs/resnet18/epoch_20.pth there.pth --format mmengine
    """
    by_name = FORMATS[1] if out and out.endswith(f".{FORMATS[1]}") else FORMATS[0]
    with plainly(traceback=traceback):
        from engine_checkpoint import publish_model

        kind = file_format or by_name
        click.echo(publish_model(checkpoint, keep or None, file_format=kind, target=out))
