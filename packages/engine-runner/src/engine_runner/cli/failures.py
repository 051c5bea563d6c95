"""How a failure is told to a user: a mistake in plain words, anything else as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["INTERRUPTED", "MISTAKE", "plainly"]

MISTAKE = 1
INTERRUPTED = 130  # 128 + SIGINT, as shells count

_PLAIN = (ValueError, TypeError, KeyError, AttributeError, OSError, ImportError, RuntimeError)


@contextmanager
def plainly(*, traceback: bool) -> Iterator[None]:
    """Tell a mistake without a traceback, and end the program with the code `MISTAKE`.

    Args:
        traceback: whether to let it pass as it is.
    """
    try:
        yield
    except _PLAIN as error:
        if traceback:
            raise
        text = str(error) or type(error).__name__
        if isinstance(error, KeyError) and len(error.args) == 1:
            text = str(error.args[0])
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        click.echo(text, err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(f"  {note}", err=True)
        click.echo("(--traceback shows where)", err=True)
        sys.exit(MISTAKE)
