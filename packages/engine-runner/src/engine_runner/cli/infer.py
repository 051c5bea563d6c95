"""``engine infer``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import FAILURES, INTERRUPTED, plainly
from engine_runner.cli.options import TakesPairs, cfg_options, config_file, traceback_option

__all__ = ["infer"]


@click.command(cls=TakesPairs)
@config_file
@click.argument("checkpoint")
@click.argument("inputs", nargs=-1, required=True)
@click.option("--out-dir", metavar="DIR", help="Write predictions.jsonl and pictures there.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many inputs at once; by default as many as test_dataloader says.",
)
@click.option("--device", help="Such as cpu or cuda:1; by default an accelerator if there is one.")
@click.option("--tta", is_flag=True, help="Merge predictions for several views of each input.")
@traceback_option
@cfg_options
def infer(
    config: str,
    *,
    checkpoint: str,
    inputs: tuple[str, ...],
    out_dir: str | None,
    batch_size: int | None,
    device: str | None,
    tta: bool,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Predict with CONFIG and the weights in CHECKPOINT what INPUTS are.

    INPUTS are files, folders, of which the pictures are taken, and addresses on the web or another
    storage. Each goes through the pipeline of the config's test data.

    \b
    engine infer configs/resnet18.py epoch_20.pth cat.jpg dog.jpg
    engine infer configs/resnet18.py epoch_20.pth photos --out-dir predictions --batch-size 32
    engine infer configs/resnet18.py epoch_20.pth https://example.com/cat.jpg --tta
    """
    done = 0
    listed: list[Any] = []
    try:
        with plainly(traceback=traceback):
            from engine_runner.infer import Inferencer, InputError
            from engine_runner.infer.samples import loader_config

            if out_dir is not None and "://" in out_dir:
                raise ValueError(f"--out-dir is a local folder, and {out_dir} is none")
            listed = [each for given in inputs for each in _files(given)]
            cfg = read_config(config, options)
            size = batch_size or loader_config(cfg).get("batch_size", 1)
            inferencer = Inferencer(cfg, checkpoint, device, tta=tta)
        with plainly(traceback=traceback, kinds=(*FAILURES, InputError, OSError)):
            for result in inferencer.results(listed, size, out_dir=out_dir):
                click.echo(str(result))
                done += 1
    except KeyboardInterrupt:
        click.echo(f"\nstopped after {done} of {len(listed)} inputs", err=True)
        sys.exit(INTERRUPTED)
    if out_dir is not None:
        click.echo(f"predictions: {Path(out_dir) / 'predictions.jsonl'}")


def _files(given: str) -> list[Any]:
    """What one of INPUTS means.

    Raises:
        FileNotFoundError: there is no such file, or a folder is empty.
    """
    from engine_runner.infer.inputs import PICTURES, as_list

    if "://" not in given and not Path(given).exists():
        raise FileNotFoundError(f"there is no file or folder {given}")
    found = as_list(given, PICTURES)
    if not found:
        raise FileNotFoundError(f"the folder {given} has no files")
    return found
