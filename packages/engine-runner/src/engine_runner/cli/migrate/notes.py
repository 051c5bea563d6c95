"""What is different after a migration, and why: for the names that a project uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from engine_runner.cli.migrate.uses import Use

__all__ = ["notes_of", "requirements_of"]

# Names, and what to know about them.
_NOTES: Final = (
    (
        ("load_checkpoint", "CheckpointLoader", "_load_checkpoint", "_load_checkpoint_with_prefix"),
        "checkpoints are read as data and nothing in them is executed: one that names other "
        "classes is refused, with what it names",
    ),
    (
        ("Config", "ConfigDict", "read_base"),
        "configs are evaluated rather than run, and Config.fromfile(..., trust=False) never runs "
        "one; yapf is gone, so pretty_text and dump lay a config out in their own way",
    ),
    (
        ("get_installed_path", "is_installed", "requires_package", "package2module"),
        "packages are found by importlib.metadata, not by pkg_resources, which setuptools has "
        "dropped: what isn't installed is a ModuleNotFoundError",
    ),
    (
        ("Registry", "build_from_cfg"),
        "a name that isn't found is an UnknownNameError, still a KeyError, which lists close names",
    ),
    (
        ("FlexibleRunner",),
        "there is one Runner, which takes strategy=...; compile=... is a key of its config",
    ),
    (
        ("BaseStrategy", "DDPStrategy", "SingleDeviceStrategy", "FSDPStrategy"),
        "the Runner does what strategies did: only their constructors are as before",
    ),
    (
        ("ProgressBar", "track_progress", "track_iter_progress", "track_parallel_progress"),
        "rich draws the bar; a file that is no terminal gets one line at the end",
    ),
    (("digit_version",), "what is no version is a ValueError; packaging isn't needed"),
)
_GONE: Final = {
    "pkg_resources": "setuptools has dropped it: use importlib.metadata",
    "yapf": "no package of ours brings it: it has to be among this project's requirements",
    "addict": "no package of ours brings it: it has to be among this project's requirements",
}
_IMPORT: Final = re.compile(rb"^\s*(?:from|import)\s+(pkg_resources|yapf|addict)\b", re.MULTILINE)
_REQUIRED: Final = re.compile(r"\bmmengine(?:-lite)?(?![\w./:-])[^\n\"',#]*")
_REQUIREMENTS: Final = ("setup.py", "setup.cfg", "pyproject.toml", "environment.yml")


def notes_of(uses: Iterable[Use], sources: Iterable[tuple[Path, bytes]]) -> Iterator[str]:
    """What to know, of the names that are used and of what else is imported."""
    names = {use.name for use in uses}
    for about, note in _NOTES:
        used = [name for name in about if name in names]
        if used:
            yield f"{', '.join(used)}: {note}"
    for path, source in sources:
        for module in sorted({found.decode() for found in _IMPORT.findall(source)}):
            yield f"{path} imports {module}: {_GONE[module]}"


def requirements_of(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """Where a project says that it requires MMEngine: file, line and what it says."""
    files = [folder / name for name in _REQUIREMENTS]
    files += [*folder.glob("*requirements*.txt"), *folder.glob("requirements/*.txt")]
    for path in sorted(file for file in files if file.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            found = _REQUIRED.search(line)
            if found and "import" not in line:
                yield path, number, found[0].strip()
