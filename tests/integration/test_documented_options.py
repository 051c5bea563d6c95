"""Options that a page gives to the command `engine` are options of that command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from engine_runner.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")])
_CALL = re.compile(r"\bengine ((?:(?:config|job) )?[a-z]+(?:-[a-z]+)*)\b([^\n`]*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield each command below this one, by its full name, with its options."""
    if isinstance(command, click.Group):
        for part, each in command.commands.items():
            yield from commands(each, f"{name} {part}".lstrip())
    else:
        yield name, {"--help", *(option for each in command.params for option in each.opts)}


COMMANDS = dict(commands(main))


def unknown_options(page: Path) -> Iterator[str]:
    for name, rest in _CALL.findall(page.read_text("utf-8").replace("\\\n", " ")):
        known = COMMANDS.get(name, set())
        if name.startswith("job "):  # what follows `--` goes to `engine train` or `engine sweep`
            known = known | COMMANDS["train"] | COMMANDS["sweep"]
        for option in _OPTION.findall(rest.split("#")[0]):
            if option not in known:
                yield f"{page.relative_to(ROOT)}: engine {name} {option}"


def test_pages_name_no_option_that_there_is_not() -> None:
    assert "--nproc" in COMMANDS["train"]
    assert not [each for page in PAGES for each in unknown_options(page)]
