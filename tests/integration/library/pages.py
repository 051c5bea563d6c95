"""The code of the documentation's pages, and what runs it.

A fence ``python`` is executed; one with ``title="name"`` is a file that the reader writes; the
lines of a fence ``console`` that begin with ``$`` are commands, ``engine`` run in this process,
``python`` in another. What a page says of their output, ``print(x)  # this``, the other lines of a
console, or a fence ``text``, is held against what they print.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[3] / "docs"
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.DOTALL | re.MULTILINE)
_SAID = re.compile(r"^ *print\(.*\)  # (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fence of a page."""

    language: str
    title: str
    text: str
    line: int

    @property
    def is_run(self) -> bool:
        return self.language in ("python", "console", "text") or bool(self.title)


def blocks_of(page: str) -> list[Block]:
    """Return the fences of ``docs/<page>.md`` that are run."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    found = [
        Block(m[1], m[2] or "", m[3], text.count("\n", 0, m.start()) + 1)
        for m in _FENCE.finditer(text)
    ]
    return [block for block in found if block.is_run]


def pages_with_code() -> Iterator[str]:
    """Yield the English pages that have something to run."""
    for path in sorted(DOCS.rglob("*.md")):
        name = path.relative_to(DOCS).with_suffix("").as_posix()
        if not name.endswith(".zh") and blocks_of(name):
            yield name


def run_block(block: Block, page: str, names: dict[str, Any]) -> None:
    """Execute, write or call what the block says; commands print what they would show."""
    if block.title:
        path = Path(block.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if path.suffix == ".py":
            compile(block.text, block.title, "exec")
    elif block.language == "python":
        source = "\n" * block.line + block.text  # errors name the page's own line
        exec(compile(source, str(DOCS / f"{page}.md"), "exec"), names)
    elif block.language == "console":
        for line in block.text.splitlines():
            if line.startswith("$ "):
                run_command(line[2:])


def run_command(line: str) -> None:
    """Run ``engine ...`` or ``python FILE``; ``# exits with 1`` behind it says how it ends."""
    command, _, said = line.partition("  # exits with ")
    program, *arguments = shlex.split(command, comments=True)
    if program == "pip":  # into a folder that later commands see
        pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
        subprocess.run([sys.executable, *pip, "installed", *arguments[1:]], check=True)
        return
    if program == "python":
        paths = os.pathsep.join(["installed", os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": paths}
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, env=environment
        )
        print(done.stdout)
        assert done.returncode == int(said or 0), done.stdout + done.stderr
        return
    assert program == "engine", line
    from click.testing import CliRunner

    from engine_runner.cli import main

    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    print(result.output)
    assert result.exit_code == int(said or 0), result.output


def said_of(blocks: list[Block]) -> list[str]:
    """Return what the page says of the output, in order."""
    found: list[str] = []
    for block in blocks:
        if block.language in ("console", "text"):
            found += [x for x in block.text.splitlines() if x.strip(" .") and x[:2] != "$ "]
        elif not block.title:
            found += _SAID.findall(block.text)
    return found


def first_missing(said: list[str], shown: str) -> str | None:
    """Return the first of what was said that isn't shown after those before it.

    ``...`` stands for anything.
    """
    lines = iter([line.strip() for line in shown.splitlines()])
    for text in said:
        if not any(fnmatchcase(line, _pattern(text)) for line in lines):
            return text
    return None


def _pattern(text: str) -> str:
    escaped = re.sub(r"([\[?*])", r"[\1]", text.strip())
    return escaped.replace("...", "*")


def code_of(block: Block) -> str:
    """Return the block without its comments: what a translation has to have, too."""
    if block.language == "python":
        return ast.dump(ast.parse(block.text))
    return re.sub(r"\s+#.*$", "", block.text, flags=re.MULTILINE)
