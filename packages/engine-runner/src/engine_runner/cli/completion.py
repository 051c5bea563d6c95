"""``engine completion``: what the Tab key needs."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print a script that lets SHELL complete commands, options and files of engine.

    \b
    bash:  echo 'eval "$(engine completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(engine completion zsh)"' >> ~/.zshrc
    fish:  engine completion fish > ~/.config/fish/completions/engine.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    click.echo(kind(context.find_root().command, {}, "engine", "_ENGINE_COMPLETE").source())
