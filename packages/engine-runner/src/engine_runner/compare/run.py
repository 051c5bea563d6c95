"""Compared run: what a folder of a training tells of its numbers, config and environment."""

from __future__ import annotations

import logging
import re
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine_config import Config, ConfigError
from engine_fileio import get, join_path, list_dir_or_file
from engine_visual.curves import Run, read_run
from engine_visual.report.pictures import Picture, find_pictures

__all__ = ["ComparedRun", "read_runs"]

logger = logging.getLogger(__name__)

_WANTED = (".json", ".py", ".log", ".png")
# The first line of a log, and the table of MMEngine's.
_TOLD = {
    "seed": re.compile(r"\bseed:? (\d+)", re.IGNORECASE),
    "torch": re.compile(r"\b(?:torch|PyTorch:?) (\d[\w.+]*)"),
    "python": re.compile(r"\bPython:? (\d[\d.]*)"),
}
_HEAD = 20_000  # characters of a log in which they stand


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """A run, as far as its folder tells.

    Attributes:
        name: what it is called; of several of one name, with a number.
        source: its folder, or its address.
        folder: where it was read: of a remote one, a copy that is gone.
        run: its scalars.
        config: its config, read without executing anything; None if there is none.
        facts: ``seed``, ``torch`` and ``python``, where they are known.
        pictures: sample images.
    """

    name: str
    source: str
    folder: Path
    run: Run
    config: Config | None
    facts: dict[str, str]
    pictures: Sequence[Picture]

    def place(self, where: object) -> str:
        """A file and line of the config, in the source."""
        return str(where or "").replace(str(self.folder), self.source, 1)

    @property
    def seconds_per_iter(self) -> float | None:
        """The median of what iterations took."""
        curve = self.run.curves.get("time")
        return statistics.median(curve.values) if curve is not None else None

    @property
    def memory_mb(self) -> float | None:
        """The most memory of the accelerator."""
        curve = self.run.curves.get("memory")
        return max(curve.values) if curve is not None else None

    def best(self, key: str) -> float | None:
        """The best value of a scalar; the last one of what is neither loss nor metric."""
        curve = self.run.curves.get(key)
        if curve is None:
            return None
        place = curve.best()
        return curve.values[-1 if place is None else place]

    def last(self, key: str) -> float | None:
        """The last value of a scalar."""
        curve = self.run.curves.get(key)
        return None if curve is None else curve.values[-1]


def read_runs(sources: Iterable[str | Path]) -> list[ComparedRun]:
    """Return what is known of runs, in their order; folders without scalars are left out.

    Args:
        sources: work_dirs, or folders of sessions in them; addresses such as ``s3://…`` too.

    Raises:
        FileNotFoundError: one of them is not there, or none has scalars.
    """
    found: list[ComparedRun] = []
    names: dict[str, int] = {}
    for source in sources:
        with _local(source) as folder:
            try:
                run = read_run(folder)
            except FileNotFoundError as error:  # of a run that ended before its first line
                if not folder.is_dir():
                    raise
                logger.warning("%s is left out: %s", source, error)
                continue
            is_remote = "://" in str(source)
            name = str(source).rstrip("/").rpartition("/")[2] if is_remote else run.name
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                name = f"{name} ({names[name]})"
            found.append(
                ComparedRun(
                    name=name,
                    source=str(source).rstrip("/"),
                    folder=folder,
                    run=run,
                    config=_config(folder),
                    facts=_facts(folder),
                    pictures=find_pictures(folder),
                )
            )
    if not found:
        raise FileNotFoundError("no scalars below any of the folders; looked for vis_data/*.json")
    return found


@contextmanager
def _local(source: str | Path) -> Iterator[Path]:
    """The folder itself, or a copy of what is needed of a remote one."""
    if "://" not in str(source):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as copied:
        for name in list_dir_or_file(source, list_dir=False, suffix=_WANTED, recursive=True):
            path = Path(copied, name)
            if path.resolve().is_relative_to(Path(copied).resolve()):  # what a server calls it
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(get(join_path(source, name)))
        yield Path(copied)


def _config(folder: Path) -> Config | None:
    paths = sorted(folder.glob("**/vis_data/config.py")) or sorted(folder.glob("*.py"))
    if not paths:
        return None
    try:
        return Config.fromfile(paths[-1], trust=False)
    except (ConfigError, OSError) as error:
        logger.warning("%s is left out: %s", paths[-1], error)
        return None


def _facts(folder: Path) -> dict[str, str]:
    logs = sorted(folder.glob("**/*.log"))
    if not logs:
        return {}
    with logs[-1].open(encoding="utf-8", errors="replace") as file:
        head = file.read(_HEAD)
    found = {name: pattern.search(head) for name, pattern in _TOLD.items()}
    return {name: match[1] for name, match in found.items() if match}
