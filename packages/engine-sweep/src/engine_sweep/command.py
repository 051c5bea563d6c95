"""``engine sweep``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import INTERRUPTED, MISTAKE, plainly
from engine_runner.cli.job.storage import STORAGE
from engine_runner.cli.options import (
    TakesPairs,
    cfg_options,
    config_file,
    requeue_option,
    time_limit_option,
    traceback_option,
)

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from engine_config import Config
    from engine_runner.hooks.stop_request import StopRequest
    from engine_sweep.sweep import Sweep

__all__ = ["sweep"]


class TakesSpaces(TakesPairs):
    """A command whose ``--space`` takes all the pairs that follow it, too."""

    pair_options = (*TakesPairs.pair_options, "--space")


def _spaces(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in given:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise click.BadParameter(f"{pair!r} is no KEY=DISTRIBUTION", ctx, param)
        found[key] = text
    return found


@click.command(cls=TakesSpaces)
@config_file
@click.option(
    "--space",
    multiple=True,
    callback=_spaces,
    metavar="KEY=DISTRIBUTION...",
    help="What is searched: loguniform(1e-5, 1e-1), uniform, randint, choice(18, 34), or a "
    "distribution of Optuna's.",
)
@click.option("--metric", metavar="NAME", help="The number that counts; by default save_best's.")
@click.option("--direction", type=click.Choice(["maximize", "minimize"]))
@click.option("--trials", type=click.IntRange(1), help="How many settings are tried (20).")
@click.option("--sampler", metavar="NAME", help="A sampler of Optuna's (TPESampler).")
@click.option("--pruner", metavar="NAME", help="A pruner of Optuna's, such as MedianPruner.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, help="Trials at a time, on this machine."
)
@click.option("--nproc", type=click.IntRange(1), default=1, help="Processes of each trial.")
@click.option("--work-dir", help="Folder of the trials; by default work_dirs/CONFIG_sweep.")
@click.option(
    "--storage",
    metavar="ADDRESS",
    envvar=STORAGE,
    show_envvar=True,
    help="Where the study is; by default SQLite there.",
)
@click.option("--study", default="sweep", show_default=True, help="Name of the study.")
@click.option("--keep-pruned", is_flag=True, help="Keep the checkpoints of pruned trials.")
@click.option("--heartbeat", type=click.IntRange(1), default=30, help="Seconds between its signs.")
@time_limit_option
@requeue_option
@traceback_option
@cfg_options
def sweep(config: str, *, traceback: bool, options: dict[str, Any], **given: Any) -> None:
    """Search values of CONFIG: train with others, and look which are best.

    The same command goes on with a sweep that was ended, with the trainings that were not finished
    from their last checkpoints. On other machines it joins, with a --storage that all of them reach
    and a --work-dir that they share. CONFIG may have all of it, as sweep=dict(space=..., ...).

    \b
    engine sweep configs/resnet18.py --space "optim_wrapper.optimizer.lr=loguniform(1e-5, 1e-1)"
    engine sweep configs/resnet18.py --space "model.depth=choice(18, 34)" --trials 50 --jobs 2
    engine sweep configs/resnet18.py --pruner MedianPruner --storage postgresql://host/studies
    """
    with plainly(traceback=traceback):
        cfg = read_config(config, options)
        from engine_runner.cli.training import rehearse
        from engine_runner.hooks.stop_request import StopRequest, time_left
        from engine_sweep.settings import SweepSettings
        from engine_sweep.sweep import Sweep

        asked = StopRequest(("SIGTERM", "SIGUSR1"), time_left(given["time_limit"]))
        asked.listen()
        chosen = {name: given[name] for name in ("metric", "direction", "trials")}
        chosen |= {name: given[name] for name in ("sampler", "pruner")}
        settings = SweepSettings.of(cfg, given["space"], **chosen)
        settings.check(cfg)
        folder = given["work_dir"] or Path("work_dirs") / f"{Path(config).stem}_sweep"
        search = Sweep(
            cfg,
            config,
            settings,
            work_dir=folder,
            storage=given["storage"],
            name=given["study"],
            options=options,
            nproc=given["nproc"],
            keep_pruned=given["keep_pruned"],
            heartbeat_s=given["heartbeat"],
        )
        if not search.results() and rehearse(_rehearsed(cfg, settings.metric)):
            sys.exit(MISTAKE)
    _run(search, given["jobs"], asked, requeue=given["requeue"])


def _rehearsed(cfg: Config, metric: str) -> Config:
    """The config, with a look for the number that counts."""
    from engine_sweep.trial_config import set_options

    found = set_options(cfg, {})
    hook = {"type": "engine_sweep.trial_hook.MetricHook", "metric": metric}
    found.custom_hooks = [*(found.get("custom_hooks") or []), hook]
    return found


def _run(search: Sweep, jobs: int, asked: StopRequest, *, requeue: bool) -> None:
    """Work, and tell how it goes; when a scheduler asks, have the trainings saved, and leave."""
    from engine_runner.hooks.exit_codes import TRY_AGAIN
    from engine_runner.hooks.requeue import requeue_job
    from engine_sweep.page import write_pages
    from engine_sweep.progress import Progress

    progress = Progress(search)
    try:
        with progress:
            search.run(jobs=jobs, on_end=progress.ended, leaves=lambda: asked.heard is not None)
    except KeyboardInterrupt:
        search.write_best()
        click.echo("\nstopped; the same command goes on", err=True)
        sys.exit(INTERRUPTED)
    if asked.heard is not None and not search.is_over():
        click.echo(f"\nstopped by {asked.heard}; the same command goes on", err=True)
        if requeue and asked.heard != "SIGTERM":  # which may mean that it was cancelled
            requeue_job()
        sys.exit(TRY_AGAIN)
    click.echo(progress.table())
    for path in (search.write_best(), *write_pages(search)):
        if path is not None:
            click.echo(str(path))
    if not any(_is_done(trial) for trial in search.results()):
        sys.exit(MISTAKE)


def _is_done(trial: FrozenTrial) -> bool:
    return trial.state.name == "COMPLETE"
