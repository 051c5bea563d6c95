"""The command ``engine``."""

from __future__ import annotations

import click

from engine_runner.__about__ import __version__
from engine_runner.cli.train import train

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="engine")
def main() -> None:
    """Train, validate and test PyTorch models."""


main.add_command(train)
