"""How a failure is told to a user: a mistake in plain words, anything else as a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from engine_checkpoint.errors import CheckpointError
from engine_fileio.address import hide_secrets
from engine_runner.hooks.exit_codes import INTERRUPTED
from engine_runner.logs.errors import NonFiniteLossError

if TYPE_CHECKING:
    from engine_config import Config

__all__ = ["FAILURES", "INTERRUPTED", "MISTAKE", "MISTAKES", "naming_problems", "plainly"]

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
        text = hide_secrets(text)
        rank = int(os.environ.get("RANK", "0"))
        if rank:  # most likely what the first process says, too
            click.echo(f"error on rank {rank}: {text.splitlines()[0]}", err=True)
            sys.exit(MISTAKE)
        notes = "".join(f"\n  {hide_secrets(note)}" for note in getattr(error, "__notes__", ()))
        head = click.style("error: ", fg="red", bold=True)
        # at once: other processes write there, too
        click.echo(f"{head}{text}{notes}\n(--traceback shows where)", err=True)
        sys.exit(MISTAKE)


@contextmanager
def naming_problems(cfg: Config) -> Iterator[None]:
    """Add to a mistake what `engine config check` finds: file, line and what may be meant."""
    try:
        yield
    except MISTAKES as error:
        from engine_registry import trust_of, trusting
        from engine_runner.runner.config_problems import problems_of

        told = "\n".join([str(error), *getattr(error, "__notes__", ())])
        with suppress(Exception), trusting(trust_of(cfg)):  # the mistake itself is what counts
            problems = problems_of(cfg)
            for problem in problems:
                # whoever builds a component may give it further arguments
                is_meant = repr(problem.path.rpartition(".")[2]) in told
                is_sure = problem.kind != "missing argument" or is_meant
                if is_sure and (problem.origin or "-") not in told:
                    error.add_note(str(problem))
            if "custom_imports" in cfg and any(each.kind == "unknown type" for each in problems):
                origin = cfg.origin("custom_imports.imports")
                error.add_note(f"custom_imports: {cfg.custom_imports.imports} ({origin})")
        raise
