"""``engine train``."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from engine_runner.cli.agent import code_for_agent, join_agent
from engine_runner.cli.config_overrides import read_config, with_work_dir
from engine_runner.cli.failures import MISTAKE, plainly
from engine_runner.cli.options import (
    TakesPairs,
    cfg_options,
    config_file,
    hang_timeout_option,
    launcher_option,
    requeue_option,
    time_limit_option,
    traceback_option,
)
from engine_runner.cli.processes import in_processes
from engine_runner.hooks.exit_codes import TRY_AGAIN

if TYPE_CHECKING:
    from engine_config import Config

__all__ = ["train"]


@click.command(cls=TakesPairs)
@config_file
@click.option("--work-dir", help="Folder of checkpoints and logs; by default work_dirs/CONFIG.")
@click.option(
    "--resume",
    is_flag=False,
    flag_value="auto",
    metavar="[PATH]",
    help="Go on from a checkpoint; without PATH, from the newest of the work_dir.",
)
@click.option("--amp", is_flag=True, help="Compute in half precision where that is safe.")
@click.option("--auto-scale-lr", is_flag=True, help="Scale the learning rate to the batch size.")
@click.option("--dry-run", is_flag=True, help="Build all, run two batches of each loop, and tell.")
@time_limit_option
@hang_timeout_option
@requeue_option
@launcher_option
@traceback_option
@cfg_options
@in_processes
def train(
    config: str,
    *,
    work_dir: str | None,
    resume: str | None,
    amp: bool,
    auto_scale_lr: bool,
    dry_run: bool,
    time_limit: float | None,
    hang_timeout: float | None,
    requeue: bool,
    launcher: str,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Train what CONFIG describes.

    Modules beside CONFIG can be imported by it, as those beside a script can.

    \b
    engine train configs/resnet18.py
    engine train configs/resnet18.py --resume
    engine train configs/resnet18.py --dry-run
    engine train configs/resnet18.py --nproc 2 --max-restarts 3
    engine train configs/resnet18.py --resume --time-limit 23h50m --hang-timeout 30m
    engine train configs/resnet18.py --work-dir runs/a --cfg-options randomness.seed=1
    engine train configs/resnet18.py --nproc auto --nnodes 2 --rdzv-endpoint node1
    srun engine train configs/resnet18.py --launcher slurm --resume --requeue
    torchrun --nproc-per-node 2 -m engine_runner train configs/resnet18.py --launcher pytorch
    """
    _join()
    with plainly(traceback=traceback):
        cfg = with_work_dir(read_config(config, options), config, work_dir)
        if resume is not None:
            cfg.resume = True
            cfg.load_from = None if resume == "auto" else resume
        cfg.launcher = launcher
        if amp:
            _use_amp(cfg)
        if auto_scale_lr:
            _scale_lr(cfg)
        from engine_runner.cli import training

        if dry_run:
            sys.exit(MISTAKE if training.rehearse(cfg) else 0)
        runner = training.prepared(cfg)
        training.listen(runner, time_limit, hang_timeout, requeue=requeue)
    sys.exit(training.run(runner, traceback=traceback))


def _join() -> None:
    """Join the agent, and let a SIGTERM that comes before there is anything to save end this."""

    def leave(*_: Any) -> None:
        sys.exit(code_for_agent(TRY_AGAIN))

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
    join_agent()


def _use_amp(cfg: Config) -> None:
    wrapper = cfg.optim_wrapper
    kind = wrapper.get("type", "OptimWrapper")
    if kind not in ("OptimWrapper", "AmpOptimWrapper"):
        raise ValueError(f"--amp is for a plain OptimWrapper, and the config has {kind!r}")
    wrapper.type = "AmpOptimWrapper"
    wrapper.setdefault("loss_scale", "dynamic")


def _scale_lr(cfg: Config) -> None:
    if "base_batch_size" not in (cfg.get("auto_scale_lr") or {}):
        raise ValueError("--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=...) in CONFIG")
    cfg.auto_scale_lr.enable = True
