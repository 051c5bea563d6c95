"""``engine test``."""

from __future__ import annotations

import sys
from typing import Any

import click

from engine_runner.cli.agent import join_agent
from engine_runner.cli.config_overrides import read_config, with_work_dir
from engine_runner.cli.failures import FAILURES, INTERRUPTED, naming_problems, plainly
from engine_runner.cli.options import (
    TakesPairs,
    cfg_options,
    config_file,
    launcher_option,
    traceback_option,
)
from engine_runner.cli.processes import in_processes

__all__ = ["test"]


@click.command(cls=TakesPairs)
@config_file
@click.argument("checkpoint")
@click.option("--work-dir", help="Folder of the logs; by default work_dirs/CONFIG.")
@click.option("--out", metavar="FILE", help="Write the predictions into a .pkl file.")
@click.option("--tta", is_flag=True, help="Merge predictions for several views of each sample.")
@launcher_option
@traceback_option
@cfg_options
@in_processes
def test(
    config: str,
    *,
    checkpoint: str,
    work_dir: str | None,
    out: str | None,
    tta: bool,
    launcher: str,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Test the weights in CHECKPOINT on the test data of CONFIG, and print the metrics.

    \b
    engine test configs/resnet18.py work_dirs/resnet18/epoch_20.pth
    engine test configs/resnet18.py epoch_20.pth --out predictions.pkl
    engine test configs/resnet18.py epoch_20.pth --tta --nproc 2
    """
    join_agent()
    with plainly(traceback=traceback):
        cfg = with_work_dir(read_config(config, options), config, work_dir)
        cfg.launcher, cfg.load_from, cfg.resume = launcher, checkpoint, False
        from engine_dist import is_main_process
        from engine_evaluator import DumpResults
        from engine_logging import setup
        from engine_runner.hooks import build_runner_with_tta
        from engine_runner.runner import Runner

        with naming_problems(cfg):
            runner: Runner = build_runner_with_tta(cfg) if tta else Runner.from_cfg(cfg)
        if runner.test_loop is None:
            raise ValueError(
                f"{config} has no test_dataloader, test_cfg and test_evaluator. Where the data of "
                "the validation are meant: test_dataloader = val_dataloader, and so the others"
            )
        if out is not None:
            runner.test_evaluator.metrics.append(DumpResults(out_file_path=out))
    setup(runner.logger)
    try:
        with plainly(traceback=traceback, kinds=FAILURES):
            metrics = runner.test()
    except KeyboardInterrupt:
        click.echo("\nstopped", err=True)
        sys.exit(INTERRUPTED)
    if is_main_process():
        _tell(metrics, out)


def _tell(metrics: dict[str, Any], out: str | None) -> None:
    click.echo()
    width = max(map(len, metrics), default=0)
    for name, value in metrics.items():
        shown = f"{value:.4f}" if isinstance(value, float) else str(value)
        click.echo(f"{name:<{width}}  {shown}")
    if out is not None:
        click.echo(f"predictions: {out}")
