"""``engine train``."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from typing import Any

import click

from engine_config import Config
from engine_dist import is_main_process
from engine_logging import setup
from engine_runner.cli.configured import read_config, with_work_dir
from engine_runner.cli.failures import FAILURES, INTERRUPTED, MISTAKE, plainly
from engine_runner.cli.interrupt import Interrupt
from engine_runner.cli.launching import code_for_agent, join_agent
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
from engine_runner.cli.summary import summarise
from engine_runner.hooks import HangHook, Preempted, PreemptionHook
from engine_runner.hooks.preemption import TRY_AGAIN
from engine_runner.runner import Runner, find_latest_checkpoint

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
        if dry_run:
            sys.exit(_rehearse(cfg))
        runner = Runner.from_cfg(cfg)
        runner.prepare_training()
    setup(runner.logger)
    interrupt = Interrupt()
    runner.register_hook(interrupt)
    _listen(runner, time_limit, hang_timeout, requeue=requeue)
    try:
        with plainly(traceback=traceback, kinds=FAILURES), interrupt:
            runner.train()
    except (Preempted, KeyboardInterrupt) as stop:
        # Destructors of half-made loaders complain of what the interruption left out.
        sys.unraisablehook = lambda unraisable: None
        if is_main_process():
            _say_stopped(runner, stop)
        sys.exit(code_for_agent(int(getattr(stop, "code", INTERRUPTED))))
    if is_main_process():
        summarise(runner)


def _join() -> None:
    """Join the agent, and let a SIGTERM that comes before there is anything to save end this."""

    def leave(*_: Any) -> None:
        sys.exit(code_for_agent(TRY_AGAIN))

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
    join_agent()


def _rehearse(cfg: Config) -> int:
    """Tell how a dry run went, which leaves nothing, and return the exit code."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cfg.work_dir, cfg.log_level = folder, "WARNING"
        runner = Runner.from_cfg(cfg)
        report = runner.dry_run()
        runner.logger.close()
    if is_main_process():
        click.echo(str(report))
    return 0 if report.is_ready else MISTAKE


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


def _listen(
    runner: Runner, time_limit: float | None, hang_timeout: float | None, *, requeue: bool
) -> None:
    """Have the training ended when it is asked to be, or hangs; as the config says, if it does."""
    stopping = next((hook for hook in runner.hooks if isinstance(hook, PreemptionHook)), None)
    watching = next((hook for hook in runner.hooks if isinstance(hook, HangHook)), None)
    if stopping is None:
        stopping = PreemptionHook()
        runner.register_hook(stopping)
    if time_limit is not None:
        stopping.time_limit = time_limit
    stopping.requeue = stopping.requeue or requeue
    if hang_timeout is not None and watching is not None:
        watching.timeout = hang_timeout
    elif hang_timeout is not None:
        runner.register_hook(HangHook(hang_timeout))


def _say_stopped(runner: Runner, stop: BaseException) -> None:
    saved = stop.checkpoint if isinstance(stop, Preempted) else None
    latest = saved or find_latest_checkpoint(runner.work_dir)
    where = f"go on from {latest} with --resume" if latest else "nothing was saved yet"
    # What was saved by a stop holds the iteration that the training had not counted yet.
    iteration = runner.iter + (saved is not None)
    click.echo(f"\nstopped at iteration {iteration} of {runner.max_iters}; {where}", err=True)
