"""What the configs of runs differ in: each value that isn't the same everywhere, with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine_config.diff import MISSING, changes
from engine_config.masked_repr import represented
from engine_config.provenance import find_origin
from engine_runner.compare.run import ComparedRun

__all__ = ["Difference", "differences"]

_IGNORED = ("work_dir", "experiment_name", "launcher", "resume", "load_from")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A value that isn't the same in all configs.

    Attributes:
        key: dotted.
        values: of each run as text; None where the config has no such key, or there is none.
        places: the file and line of each value.
    """

    key: str
    values: list[str | None]
    places: list[str]


def differences(runs: Sequence[ComparedRun]) -> list[Difference]:
    """Return what configs differ in, compared with the first run's; folders are left out."""
    configs = [each.config for each in runs]
    first = next((config for config in configs if config is not None), None)
    if first is None:
        return []
    found: dict[str, dict[int, tuple[str | None, str]]] = {}
    before: dict[str, str | None] = {}
    for i, config in enumerate(configs):
        if config is None:
            continue
        for change in changes(first._cfg_dict, config._cfg_dict):
            if change.path.partition(".")[0] in _IGNORED:
                continue
            before[change.path] = _shown(change.before)
            place = runs[i].place(change.where)
            found.setdefault(change.path, {})[i] = (_shown(change.after), place)
    return [
        Difference(
            key=key,
            values=[value for value, _ in cells],
            places=[place for _, place in cells],
        )
        for key, each in found.items()
        for cells in [[each.get(i) or _same(run, key, before[key]) for i, run in enumerate(runs)]]
    ]


def _same(run: ComparedRun, key: str, value: str | None) -> tuple[str | None, str]:
    """A value that a config has in common with the first one, and its place."""
    if run.config is None or value is None:
        return None, ""
    return value, run.place(find_origin(run.config._cfg_dict, key))


def _shown(value: object) -> str | None:
    return None if value is MISSING else represented(value)
