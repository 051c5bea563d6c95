"""``engine summary``."""

from __future__ import annotations

import warnings
from typing import Any

import click

from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import TakesPairs, cfg_options, config_file, traceback_option

__all__ = ["summary"]


@click.command(cls=TakesPairs)
@config_file
@traceback_option
@cfg_options
def summary(config: str, *, traceback: bool, options: dict[str, Any]) -> None:
    """Print the layers of CONFIG's model, its size and operations, and the memory to train it.

    The model is built and called with one and two samples of the training data; the memory is
    reckoned for the config's batch size, optimizer and precision, of one process.

    \b
    engine summary configs/resnet18.py
    engine summary configs/resnet18.py --cfg-options train_dataloader.batch_size=256
    """
    with plainly(traceback=traceback):
        cfg = read_config(config, options)
        from engine_runner.tuning import summarise_model

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="there are no weights")
            click.echo(str(summarise_model(cfg)))
