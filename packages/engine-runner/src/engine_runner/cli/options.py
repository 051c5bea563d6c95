"""What several commands take; ``--cfg-options a.b=1 c=2`` as everybody types it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

import click

from engine_runner.hooks.duration import seconds_of

__all__ = [
    "TakesPairs",
    "cfg_options",
    "config_file",
    "hang_timeout_option",
    "launcher_option",
    "length_of_time",
    "requeue_option",
    "time_limit_option",
    "traceback_option",
    "trust_option",
]

_NAME = "--cfg-options"


class TakesPairs(click.Command):
    """A command whose ``--cfg-options`` takes all the pairs that follow it.

    Attributes:
        pair_options: the options that do.
    """

    pair_options: ClassVar[tuple[str, ...]] = (_NAME,)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the option before each of its pairs, which is how click knows it."""
        found: list[str] = []
        option, first = "", False
        for arg in args:
            if arg in self.pair_options:
                option, first = arg, True
                continue
            # The first one is meant to be a pair, whatever it is: `_pairs` tells what is wrong.
            if arg.startswith("--") or not (first or "=" in arg):
                option = ""
            first = False
            found += [option, arg] if option else [arg]
        return super().parse_args(ctx, found)


def _pairs(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    """The options as a dict of values."""
    from engine_config.command_line import parse_option_value

    found = {}
    for pair in given:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise click.BadParameter(f"{pair!r} is no KEY=VALUE", ctx, param)
        try:
            found[key] = parse_option_value(text)
        except ValueError as error:
            raise click.BadParameter(f"{pair}: {error}", ctx, param) from error
    return found


def length_of_time(ctx: click.Context, param: click.Parameter, given: str | None) -> float | None:
    """Callback of an option such as 23h50m: the seconds."""
    try:
        return None if given is None else seconds_of(given)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


cfg_options = click.option(
    _NAME,
    "options",
    multiple=True,
    metavar="KEY=VALUE...",
    callback=_pairs,
    help="Change values of the config: --cfg-options optim_wrapper.optimizer.lr=0.1 work_dir=a",
)


class _ConfigFile(click.Path):
    """A file that is there; an error offers those that may be meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            raise click.BadParameter(error.message + _meant(Path(value)), ctx, param) from None


def _meant(path: Path) -> str:
    """Which configs may be meant by a path that is none."""
    from engine_config.source import SUFFIXES

    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        return f" There is no folder {folder.absolute()}."
    try:
        configs = sorted(each for each in folder.iterdir() if each.suffix in SUFFIXES)
    except OSError:  # nobody may look into it
        return ""
    if path.is_dir():
        listed = ", ".join(map(str, configs[:5]))
        return f" It holds {listed}." if configs else ""
    near = get_close_matches(path.name, [each.name for each in configs], n=1)
    found = f"Did you mean {folder / near[0]}?" if near else f"Looked for in {folder.absolute()}."
    return f" {found}"


config_file = click.argument("config", type=_ConfigFile(exists=True, dir_okay=False))

trust_option = click.option(
    "--trust",
    is_flag=True,
    help="Execute the config where it can't be evaluated, import what it names, and read "
    "environment variables.",
)

traceback_option = click.option(
    "--traceback", is_flag=True, help="Show where a mistake was noticed."
)

launcher_option = click.option(
    "--launcher",
    type=click.Choice(["none", "pytorch", "slurm", "mpi"]),
    default="none",
    help="What started the processes.",
)

requeue_option = click.option(
    "--requeue",
    is_flag=True,
    help="Have slurm run the job again after SIGUSR1 and the time limit.",
)

time_limit_option = click.option(
    "--time-limit",
    callback=length_of_time,
    metavar="TIME",
    help="Save and leave before so much time has passed, such as 23h50m.",
)

hang_timeout_option = click.option(
    "--hang-timeout",
    callback=length_of_time,
    metavar="TIME",
    help="Tell where it hangs, and end, when nothing goes on for so long, such as 30m.",
)
