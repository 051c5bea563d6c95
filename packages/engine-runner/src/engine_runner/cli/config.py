"""``engine config``: look at a config, without running anything of it unless told so."""

from __future__ import annotations

import sys
from typing import Any

import click

from engine_runner.cli.config_overrides import read_config, value_at
from engine_runner.cli.failures import MISTAKE, plainly
from engine_runner.cli.options import (
    TakesPairs,
    cfg_options,
    config_file,
    traceback_option,
    trust_option,
)

__all__ = ["config"]


@click.group()
def config() -> None:
    """Look at a config: all of it, where a value comes from, what differs, what is wrong.

    Nothing of it is executed or imported; where that is needed, an error names the line, and
    --trust lets it be.
    """


@config.command(cls=TakesPairs)
@config_file
@trust_option
@traceback_option
@cfg_options
def show(config: str, *, trust: bool, traceback: bool, options: dict[str, Any]) -> None:
    """Print CONFIG with everything that it inherits.

    \b
    engine config show configs/resnet18.py
    engine config show configs/resnet18.py --cfg-options model.depth=34
    """
    with plainly(traceback=traceback):
        click.echo(read_config(config, options, trust=trust).pretty_text, nl=False)


@config.command(cls=TakesPairs)
@config_file
@click.argument("key")
@trust_option
@traceback_option
@cfg_options
def explain(
    config: str, *, key: str, trust: bool, traceback: bool, options: dict[str, Any]
) -> None:
    """Print the value of KEY in CONFIG, which file and line gave it, and what it replaced.

    \b
    engine config explain configs/resnet18.py optim_wrapper.optimizer.lr
    """
    with plainly(traceback=traceback):
        from engine_config.masked_repr import represented
        from engine_config.secrets import is_secret_path

        cfg = read_config(config, options, trust=trust)
        value = "<secret>" if is_secret_path(key) else represented(value_at(cfg, key))
        click.echo(f"{key} = {value}")
        origin = cfg.origin(key)
        if origin is None:
            click.echo("  nobody knows where it comes from")
            return
        click.echo(f"  from {origin}")
        for each in reversed(origin.history):
            click.echo(f"  replaces {each}")


@config.command()
@click.argument("first", type=click.Path(exists=True, dir_okay=False))
@click.argument("second", type=click.Path(exists=True, dir_okay=False))
@trust_option
@traceback_option
def diff(first: str, *, second: str, trust: bool, traceback: bool) -> None:
    """Print what SECOND has that FIRST hasn't, value by value; exit with 1 if anything.

    \b
    engine config diff configs/a.py configs/b.py
    """
    with plainly(traceback=traceback):
        from engine_config.diff import changes

        configs = [read_config(each, {}, trust=trust)._cfg_dict for each in (first, second)]
        found = changes(*configs)
    for change in found:
        click.echo(str(change))
    sys.exit(MISTAKE if found else 0)


@config.command(cls=TakesPairs)
@config_file
@trust_option
@traceback_option
@cfg_options
def check(config: str, *, trust: bool, traceback: bool, options: dict[str, Any]) -> None:
    """Print everything that would fail when CONFIG is built, with file and line; exit with 1.

    Nothing is built. Registered classes are imported; with --trust also those that CONFIG names by
    an import path, and its custom_imports.

    \b
    engine config check configs/resnet18.py
    """
    with plainly(traceback=traceback):
        from engine_registry import trust_of, trusting
        from engine_runner.runner.config_problems import problems_of

        cfg = read_config(config, options, trust=trust)
        with trusting(trust_of(cfg)):
            problems = problems_of(cfg)
    for problem in problems:
        click.echo(str(problem))
    number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    click.echo(number if problems else "nothing is wrong", err=True)
    if problems and not trust and "custom_imports" in cfg:
        click.echo("its custom_imports weren't imported: --trust imports them", err=True)
    sys.exit(MISTAKE if problems else 0)
