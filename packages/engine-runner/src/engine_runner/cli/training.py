"""What ``engine train`` does once its config is known; the command alone imports no torch."""

from __future__ import annotations

import shlex
import sys
import tempfile

import click

from engine_config import Config
from engine_dist import is_main_process
from engine_logging import setup
from engine_runner.cli.agent import code_for_agent
from engine_runner.cli.failures import FAILURES, INTERRUPTED, naming_problems, plainly
from engine_runner.cli.interrupt import Interrupt
from engine_runner.cli.summary import summarise
from engine_runner.hooks import HangHook, Preempted, PreemptionHook
from engine_runner.runner import Runner, find_latest_checkpoint

__all__ = ["listen", "prepared", "rehearse", "run"]


def prepared(cfg: Config) -> Runner:
    """Return a runner that is ready to train."""
    with naming_problems(cfg):
        runner = Runner.from_cfg(cfg)
        runner.prepare_training()
    return runner


def run(runner: Runner, *, traceback: bool) -> int:
    """Train, say where everything is, and return the exit code."""
    setup(runner.logger)
    interrupt = Interrupt()
    runner.register_hook(interrupt)
    try:
        with plainly(traceback=traceback, kinds=FAILURES), interrupt:
            runner.train()
    except (Preempted, KeyboardInterrupt) as stop:
        # Destructors of half-made loaders complain of what the interruption left out.
        sys.unraisablehook = lambda unraisable: None
        if is_main_process():
            _say_stopped(runner, stop)
        return code_for_agent(int(getattr(stop, "code", INTERRUPTED)))
    if is_main_process():
        summarise(runner)
    return 0


def rehearse(cfg: Config) -> bool:
    """Tell how a dry run went, which leaves nothing; return whether it failed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cfg.work_dir, cfg.log_level = folder, "WARNING"
        runner = Runner.from_cfg(cfg)
        report = runner.dry_run()
        runner.logger.close()
    if is_main_process():
        click.echo(str(report))
    return not report.is_ready


def listen(
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
    arguments = sys.argv[1:]
    if latest and not runner.distributed and not any(a.startswith("--resume") for a in arguments):
        where = f"go on from {latest} with: {shlex.join(['engine', *arguments, '--resume'])}"
    # What was saved by a stop holds the iteration that the training had not counted yet.
    iteration = runner.iter + (saved is not None)
    click.echo(f"\nstopped at iteration {iteration} of {runner.max_iters}; {where}", err=True)
