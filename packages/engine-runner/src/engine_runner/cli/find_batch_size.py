"""``engine find-batch-size``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import TakesPairs, cfg_options, config_file, traceback_option

if TYPE_CHECKING:
    from engine_runner.tuning import BatchSizeTrial

__all__ = ["find_batch_size"]

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def _bytes(ctx: click.Context, param: click.Parameter, given: str | None) -> int | None:
    if given is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", given, re.IGNORECASE)
    if not found:
        raise click.BadParameter(f"{given!r} is no size such as 4GB", ctx, param)
    return int(float(found[1]) * _UNITS[found[2].upper()])


@click.command("find-batch-size", cls=TakesPairs)
@config_file
@click.option("--smallest", type=int, default=1, show_default=True, help="Where to begin.")
@click.option("--largest", type=int, default=65536, show_default=True, help="Where to end.")
@click.option("--iters", type=int, default=5, show_default=True, help="Iterations of each trial.")
@click.option(
    "--memory-limit",
    callback=_bytes,
    metavar="SIZE",
    help="What a training may take, such as 4GB; needed where there is no accelerator.",
)
@traceback_option
@cfg_options
def find_batch_size(
    config: str,
    *,
    smallest: int,
    largest: int,
    iters: int,
    memory_limit: int | None,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Find the largest batch that CONFIG trains with, and which one is quickest.

    Each size is tried in a process of its own: doubled until one doesn't fit, then halved between.

    \b
    engine find-batch-size configs/resnet18.py
    engine find-batch-size configs/resnet18.py --memory-limit 4GB --largest 1024
    """
    with plainly(traceback=traceback):
        cfg = read_config(config, options)
        from engine_runner.tuning import find_batch_size as search

        click.echo(f"{'batch':>8} {'samples/s':>12} {'memory':>10}")
        trials = search(
            cfg,
            smallest=smallest,
            largest=largest,
            num_iters=iters,
            memory_limit_bytes=memory_limit,
            on_trial=lambda trial: click.echo(_line(trial)),
        )
        fitting = [trial for trial in trials if trial.fits]
        if not fitting:
            raise ValueError(
                f"not even {smallest} samples fit: try --smallest 1, or a smaller model"
            )
        quickest = max(fitting, key=lambda trial: trial.samples_per_s)
        largest_one = fitting[-1].batch_size
        click.echo(f"largest:  --cfg-options train_dataloader.batch_size={largest_one}")
        click.echo(f"quickest: --cfg-options train_dataloader.batch_size={quickest.batch_size}")


def _line(trial: BatchSizeTrial) -> str:
    if not trial.fits:
        return f"{trial.batch_size:>8} {'too large':>12}"
    memory = f"{trial.peak_bytes / 2**20:.0f} MiB"
    return f"{trial.batch_size:>8} {trial.samples_per_s:>12.1f} {memory:>10}"
