"""``engine find-lr``."""

from __future__ import annotations

import os
from typing import Any

import click

from engine_runner.cli.agent import join_agent
from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import (
    TakesPairs,
    cfg_options,
    config_file,
    launcher_option,
    traceback_option,
)
from engine_runner.cli.processes import in_processes

__all__ = ["find_lr"]


@click.command("find-lr", cls=TakesPairs)
@config_file
@click.option("--min-lr", type=float, default=1e-6, show_default=True, help="The first rate.")
@click.option("--max-lr", type=float, default=10.0, show_default=True, help="The last rate.")
@click.option("--steps", type=int, default=100, show_default=True, help="Optimizer steps.")
@click.option("--optimizer", metavar="NAME", help="Of several, the one whose rate rises.")
@click.option("--out", default="lr.png", show_default=True, help="The picture.")
@click.option("--set", "changed", metavar="FILE", help="Write CONFIG with the rate into FILE.")
@launcher_option
@traceback_option
@cfg_options
@in_processes
def find_lr(
    config: str,
    *,
    min_lr: float,
    max_lr: float,
    steps: int,
    optimizer: str | None,
    out: str,
    changed: str | None,
    launcher: str,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Suggest a learning rate for CONFIG: train with one that rises until the loss diverges.

    It trains a copy, which leaves nothing but the picture.

    \b
    engine find-lr configs/resnet18.py
    engine find-lr configs/resnet18.py --max-lr 1 --steps 200 --set configs/resnet18_lr.py
    engine find-lr configs/gan.py --optimizer generator --nproc 2
    """
    join_agent()
    with plainly(traceback=traceback):
        cfg = read_config(config, options)
        cfg.launcher = launcher
        from engine_dist import is_main_process
        from engine_runner import tuning

        with _progress(steps) as bar:
            curve = tuning.find_lr(
                cfg,
                min_lr=min_lr,
                max_lr=max_lr,
                num_steps=steps,
                optimizer=optimizer,
                on_step=lambda *_: bar.update(1),
            )
        if not is_main_process():
            return
        curve.plot(out)
        click.echo(curve.reason)
        click.echo(f"picture:  {out}")
        if curve.suggestion is None:
            raise ValueError("there is no rate to suggest")
        pairs = " ".join(f"{key}={value:g}" for key, value in curve.options().items())
        click.echo(f"set it:   --cfg-options {pairs}")
        if changed is not None:
            cfg = read_config(config, options)
            cfg.merge_from_dict(curve.options())
            cfg.dump(changed)
            click.echo(f"written:  {changed}")


def _progress(steps: int) -> Any:
    others = int(os.environ.get("RANK", "0")) > 0
    return click.progressbar(length=steps, label="training", show_pos=True, hidden=others)
