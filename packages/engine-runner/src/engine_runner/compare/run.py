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
        run: its scalars.
        config: its config, read without executing anything; None if there is none.
        facts: ``seed``, ``torch`` and ``python``, where they are known.
        pictures: sample images.
    """

    name: str
    run: Run
    config: Config | None
    facts: dict[str, str]
    pictures: Sequence[Picture]

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
    """Return what is known of runs, in their order.

    Args:
        sources: work_dirs, or folders of sessions in them; addresses such as ``s3://…`` too.

    Raises:
        FileNotFoundError: there are no scalars in one of them.
    """
    found: list[ComparedRun] = []
    names: dict[str, int] = {}
    for source in sources:
        with _local(source) as folder:
            run = read_run(folder)
            is_remote = "://" in str(source)
            name = str(source).rstrip("/").rpartition("/")[2] if is_remote else run.name
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                name = f"{name} ({names[name]})"
            found.append(
                ComparedRun(
                    name=name,
                    run=run,
                    config=_config(folder),
                    facts=_facts(folder),
                    pictures=find_pictures(folder),
                )
            )
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
