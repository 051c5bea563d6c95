"""``engine env``: what people paste into an issue."""

from __future__ import annotations

import json

import click

__all__ = ["env"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@click.option("--short", is_flag=True, help="Versions alone, at once: torch isn't imported.")
def env(as_json: bool, short: bool) -> None:
    """Print the machine, Python, torch, devices and packages that a training would run on.

    \b
    engine env
    engine env --short
    engine env --json > env.json
    """
    from engine_runner.runner.environment_report import collect_env, versions

    found = versions() if short else collect_env()
    if as_json:
        click.echo(json.dumps({key: str(value) for key, value in found.items()}, indent=2))
        return
    width = max(map(len, found))
    for key, value in found.items():
        first, *rest = str(value).strip().split("\n")
        click.echo(f"{key:<{width}}  {first}")
        for line in rest:
            click.echo(f"{'':<{width}}  {line.strip()}")
