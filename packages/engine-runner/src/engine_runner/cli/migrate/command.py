"""``engine migrate``: a project taken from MMEngine's import paths to our packages."""

from __future__ import annotations

import codecs
import difflib
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

import click

from engine_runner.cli.failures import MISTAKE
from engine_runner.cli.migrate.names import KEPT
from engine_runner.cli.migrate.notes import notes_of, requirements_of
from engine_runner.cli.migrate.rewrite import Examined, examine
from engine_runner.cli.migrate.uses import Use

__all__ = ["migrate"]

_SKIPPED = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages"})


@dataclass(frozen=True, kw_only=True)
class _File:
    """A source file as it is, and what was found in it; an error in place of that."""

    path: Path
    source: bytes
    examined: Examined
    error: str = ""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--diff", is_flag=True, help="Show what --write would change.")
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--quiet", is_flag=True, help="Only the summary.")
def migrate(paths: tuple[Path, ...], *, diff: bool, write: bool, quiet: bool) -> None:
    """Tell which names of MMEngine the Python files in PATHS use, and who has each of them.

    With --write imports and attributes become those of the native packages; what engine-compat
    alone has stays. All else of a file stays as it is, to the byte, and a second run changes
    nothing. The exit code is 0 if every name is served, 1 if not, or a file can't be read.

    \b
    engine migrate .
    engine migrate mmdet tools --diff
    engine migrate mmdet tools --write
    """
    files = [_read(path) for path in _python_files(paths)]
    for file in files:
        if diff:
            _show_diff(file)
        elif not quiet:
            _show(file)
        if write and file.examined.text != file.source:
            from engine_fileio.atomic import write_bytes

            write_bytes(file.path, file.examined.text)
    if not diff:
        _show_notes(files, paths)
    sys.exit(_summary(files, wrote=write))


def _python_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
            continue
        for found in sorted(path.rglob("*.py")):
            folders = found.relative_to(path).parts[:-1]
            if not any(part in _SKIPPED or part.startswith(".") for part in folders):
                yield found


def _read(path: Path) -> _File:
    source = path.read_bytes()
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
        if encoding not in ("utf-8", "utf-8-sig"):
            raise SyntaxError(f"it is written in {encoding}, not in UTF-8")
        mark = codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""
        found = examine(source.removeprefix(mark))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        return _File(path=path, source=source, examined=Examined(text=source), error=str(error))
    found.text = mark + found.text
    return _File(path=path, source=source, examined=found)


def _show(file: _File) -> None:
    found = file.examined
    if not (found.uses or found.left or file.error):
        return
    click.secho(str(file.path), bold=True)
    if file.error:
        click.secho(f"  can't be read: {file.error}", fg="red")
    width = max((len(use.written) for use in found.uses), default=0)
    for use in found.uses:
        click.echo(f"{use.line:6}  {use.written:<{width}}  ", nl=False)
        click.secho(_told(use), fg=None if use.home else "yellow" if use.is_kept else "red")
    for left in found.left:
        click.secho(f"{left.line:6}  left as it is: {left.why}", fg="yellow")


def _told(use: Use) -> str:
    if use.home is not None:
        return ".".join(use.home)
    if use.is_kept:
        usual = KEPT[use.name]
        return "engine-compat" + (f"; or {usual}" if usual else "")
    return "not served"


def _show_diff(file: _File) -> None:
    if file.examined.text == file.source:
        return
    old, new = (
        text.decode("utf-8", "replace").splitlines(keepends=True)
        for text in (file.source, file.examined.text)
    )
    name = file.path.as_posix()
    lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
    click.echo("".join(line if line.endswith("\n") else f"{line}\n" for line in lines), nl=False)


def _show_notes(files: Sequence[_File], paths: Sequence[Path]) -> None:
    uses = [use for file in files for use in file.examined.uses]
    notes = [*notes_of(uses, [(file.path, file.source) for file in files])]
    if uses:
        notes.insert(0, f"{_needed()} are needed")
    for folder in paths:
        notes += [
            f"{path}:{line} requires {what!r}: what is native needs engine-runner, MMEngine's "
            "import paths engine-compat"
            for path, line, what in requirements_of(folder)
        ]
    if notes:
        click.secho("\nWhat is different", bold=True)
    for note in notes:
        click.echo(f"  * {note}")


def _needed() -> str:
    """Which Python and torch engine-runner declares."""
    declared = metadata("engine-runner")
    required = declared.get_all("Requires-Dist") or []
    torch = next(each for each in required if re.match(r"torch\b", each)).partition(";")[0]
    both = f"Python {declared['Requires-Python']} and {torch}"
    return re.sub(r"\s*>=\s*", " >= ", both)


def _summary(files: Sequence[_File], *, wrote: bool) -> int:
    """Print the sums, and return the exit code."""
    uses = [use for file in files for use in file.examined.uses]
    native = sum(use.home is not None for use in uses)
    missing = [use for use in uses if not use.is_served]
    unread = sum(bool(file.error) for file in files)
    changed = sum(file.examined.text != file.source for file in files)
    told = [
        f"{len(files)} files, {sum(bool(file.examined.uses) for file in files)} use MMEngine",
        f"{len(uses)} uses: {native} have a native package, "
        f"{len(uses) - native - len(missing)} engine-compat alone, {len(missing)} nothing",
        f"{changed} files {'were rewritten' if wrote else 'would be rewritten by --write'}",
    ]
    if missing:
        told.append(f"not served: {', '.join(sorted({use.written for use in missing}))}")
    if unread:
        told.append(f"{unread} files can't be read")
    click.echo("\n" + "\n".join(told), err=True)
    return MISTAKE if missing or unread else 0
