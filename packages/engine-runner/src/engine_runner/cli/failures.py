"""How a failure is told to a user: a mistake in plain words, anything else as a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from engine_checkpoint.errors import CheckpointError
from engine_runner.hooks.exit_codes import INTERRUPTED
from engine_runner.logs.errors import NonFiniteLossError

__all__ = ["FAILURES", "INTERRUPTED", "MISTAKE", "MISTAKES", "plainly"]

MISTAKE = 1

# While things are built: a config says something wrong.
MISTAKES = (ValueError, TypeError, KeyError, AttributeError, OSError, ImportError, RuntimeError)
# While it runs, what says by itself what to do; of anything else the traceback is worth reading.
FAILURES = (CheckpointError, NonFiniteLossError)


@contextmanager
def plainly(*, traceback: bool, kinds: tuple[type[Exception], ...] = MISTAKES) -> Iterator[None]:
    """Tell a mistake without a traceback, and end the program with the code `MISTAKE`.

    Args:
        traceback: whether to let it pass as it is.
        kinds: what is taken for a mistake.
    """
    try:
        yield
    except kinds as error:
        if traceback:
            raise
        text = str(error) or type(error).__name__
        if isinstance(error, KeyError) and len(error.args) == 1:
            text = str(error.args[0])
        rank = int(os.environ.get("RANK", "0"))
        if rank:  # most likely what the first process says, too
            click.echo(f"error on rank {rank}: {text.splitlines()[0]}", err=True)
            sys.exit(MISTAKE)
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
        head = click.style("error: ", fg="red", bold=True)
        # at once: other processes write there, too
        click.echo(f"{head}{text}{notes}\n(--traceback shows where)", err=True)
        sys.exit(MISTAKE)
