"""The command ``engine``."""

from __future__ import annotations

from importlib.metadata import entry_points

import click

from engine_runner.__about__ import __version__
from engine_runner.cli.compare import compare
from engine_runner.cli.completion import completion
from engine_runner.cli.config import config
from engine_runner.cli.environment import env
from engine_runner.cli.export import export
from engine_runner.cli.find_batch_size import find_batch_size
from engine_runner.cli.find_lr import find_lr
from engine_runner.cli.infer import infer
from engine_runner.cli.job.command import job
from engine_runner.cli.migrate.command import migrate
from engine_runner.cli.model_summary import summary
from engine_runner.cli.plot import plot
from engine_runner.cli.publish import publish
from engine_runner.cli.test import test
from engine_runner.cli.train import train

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="engine")
def main() -> None:
    """Train, validate and test PyTorch models, and look at what came of it."""


for _command in (
    *(train, test, infer, summary, find_lr, find_batch_size, export),
    *(job, config, plot, compare, publish, migrate, env, completion),
):
    main.add_command(_command)
for _entry in entry_points(group="engine.commands"):  # of other packages, such as engine-sweep
    main.add_command(_entry.load(), _entry.name)
