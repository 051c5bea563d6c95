"""A run's scalars, read back as curves: ours and MMEngine's ``vis_data/*.json``.

Both are JSON lines. A training line counts iterations, ``{"loss": 0.5, "epoch": 1, "iter": 10,
"step": 10}``; a validation's says in ``step`` after which epoch, or iteration, it was.
"""

from __future__ import annotations

import bisect
import json
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

logger = logging.getLogger(__name__)

_CLOCKS = ("step", "iter", "epoch")
_TIMERS = ("time", "data_time")
_LOWER = ("loss", "err", "mae", "mse", "perplexity", "ppl", "fid", "distance")
KINDS = ("loss", "metric", "learning rate", "time", "other")
# parts of names, the first that fits decides; a metric is what fits none
_SPEAKING = {
    "grad": "other",
    "memory": "other",
    "momentum": "other",
    "scale": "other",
    "time": "time",
    "loss": "loss",
}


@dataclass(kw_only=True)
class Curve:
    """One scalar of a run: ``values`` at ``steps``, which are iterations, ascending."""

    key: str
    steps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, step: float, value: float) -> None:
        """Append a value; what was at this step or later is replaced, as after a resume."""
        if self.steps and step <= self.steps[-1]:
            first = bisect.bisect_left(self.steps, step)
            del self.steps[first:], self.values[first:]
        self.steps.append(step)
        self.values.append(value)

    @property
    def kind(self) -> str:
        """Which of `KINDS` it is, by its name."""
        name = self.key.lower().rsplit("/", 1)[-1]
        if name.split("_")[-1] == "lr" or name.split("_")[0] == "lr":
            return "learning rate"
        return next((kind for part, kind in _SPEAKING.items() if part in name), "metric")

    def smoothed(self, weight: float) -> list[float]:
        """The exponential moving average, corrected for its beginning.

        Args:
            weight: of what was before, in [0, 1); 0 changes nothing.

        Raises:
            ValueError: it lies outside.
        """
        if not 0 <= weight < 1:
            raise ValueError(f"smooth must lie in [0, 1), got {weight}")
        mean, found, num = 0.0, [], 0
        for value in self.values:
            if math.isfinite(value):
                num += 1
                mean = weight * mean + (1 - weight) * value
                found.append(mean / (1 - weight**num))
            else:
                found.append(value)
        return found

    def best(self) -> int | None:
        """Index of the best value: the lowest of losses, the highest of metrics.

        None where nothing is good or bad, such as a learning rate, or finite.
        """
        if self.kind not in ("loss", "metric"):
            return None
        name = self.key.lower()
        sign = 1.0 if any(part in name for part in _LOWER) else -1.0
        finite = [i for i, value in enumerate(self.values) if math.isfinite(value)]
        return min(finite, key=lambda i: sign * self.values[i], default=None)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known of a run.

    ``curves`` are by key, in the order of `KINDS`. ``per_epoch`` is the number of iterations of an
    epoch, None where the lines don't say. ``files`` is where it was read from.
    """

    name: str
    curves: Mapping[str, Curve]
    per_epoch: float | None
    files: Sequence[Path]

    def select(self, keys: str | Iterable[str] | None) -> list[Curve]:
        """The curves whose key is, or matches a pattern such as ``loss*`` of, ``keys``.

        Raises:
            KeyError: one of them matches none; the message offers the closest.
        """
        if keys is None:
            return list(self.curves.values())
        found: dict[str, Curve] = {}
        for wanted in [keys] if isinstance(keys, str) else keys:
            fits = {key: curve for key, curve in self.curves.items() if fnmatchcase(key, wanted)}
            if not fits:
                near = get_close_matches(wanted, self.curves) or list(self.curves)
                raise KeyError(f"{self.name} has no scalar {wanted!r}; it has {', '.join(near)}")
            found.update(fits)
        return list(found.values())

    def axis(self, wanted: str | None) -> tuple[str, float]:
        """The name of the horizontal axis and the iterations of one unit.

        Args:
            wanted: ``epoch``, ``iteration``, or None for epochs where there is more than one.

        Raises:
            ValueError: epochs are asked for and the lines don't say what one is.
        """
        if wanted not in (None, "epoch", "iteration"):
            raise ValueError(f"no axis is called {wanted!r}; accepted: epoch, iteration")
        if wanted == "epoch" and self.per_epoch is None:
            raise ValueError(f"the scalars of {self.name} don't say what an epoch is")
        last = max((curve.steps[-1] for curve in self.curves.values()), default=0.0)
        is_long = self.per_epoch is not None and last > 1.5 * self.per_epoch
        if self.per_epoch is not None and wanted != "iteration" and (wanted or is_long):
            return "epoch", self.per_epoch
        return "iteration", 1.0


def read_run(source: str | Path) -> Run:
    """Return the curves of ``source``.

    Args:
        source: a file of JSON lines, or a folder: a work_dir, whose sessions are joined in the
            order of their names (what a later one wrote again replaces the earlier), one of its
            sessions, or a ``vis_data``.

    A line that is no JSON object is left out, and the log says so.

    Raises:
        FileNotFoundError: there is no such path, or no scalars below it.
    """
    source = Path(source)
    files = [source] if source.is_file() else _files_below(source)
    if not files:
        what = "no scalars below" if source.is_dir() else "no file or folder"
        raise FileNotFoundError(f"{what} {source}; looked for vis_data/scalars.json")
    lines = [line for path in files for line in _lines(path)]
    train = [line for line in lines if _is_train(line)]
    per_epoch = _iterations_per_epoch(train)
    counted = [line["epoch"] for line in train if "epoch" in line]
    curves: dict[str, Curve] = {}
    trained = 0.0
    for line in lines:
        is_train = _is_train(line)
        step = float(line.get("iter", line["step"]) if is_train else line.get("step", 0))
        if is_train:
            trained = step
        elif not step:
            step = trained  # MMEngine counts epochs where there are none
        elif per_epoch and step <= max(counted):
            step *= per_epoch  # a validation counts epochs
        for key, value in line.items():
            name = key if is_train or key not in _TIMERS else f"val/{key}"
            if key not in _CLOCKS and _is_number(value):
                curves.setdefault(name, Curve(key=name)).add(step, float(value))
    name = source.resolve().name if source.is_dir() else source.resolve().parent.name
    curves = dict(sorted(curves.items(), key=lambda item: KINDS.index(item[1].kind)))
    return Run(name=name, curves=curves, per_epoch=per_epoch, files=files)


def _files_below(folder: Path) -> list[Path]:
    """The files of scalars, one of each session, the earliest first."""
    found = []
    candidates = [folder, *sorted(folder.glob("**/vis_data"))]
    for place in candidates:
        jsons = sorted(place.glob("*.json")) if place.name == "vis_data" else []
        scalars = [place / "scalars.json"] if (place / "scalars.json").is_file() else jsons
        found += scalars[:1]
    return found


# What JSON has no numbers for, as `LocalVisBackend` writes it.
_NUMBERS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

_TOO_LARGE: Final = 10**308


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise ValueError(f"it is {type(line).__name__}, not an object")
            except (ValueError, RecursionError) as error:
                if text.endswith("\n"):
                    logger.warning("%s:%d is left out: %.200s: %.80r", path, number, error, text)
                else:
                    logger.warning("%s:%d is unfinished and left out", path, number)
                continue
            if str in map(type, line.values()):
                line = {
                    key: _NUMBERS.get(value, value) if isinstance(value, str) else value
                    for key, value in line.items()
                }
            if wrong := [key for key in _CLOCKS if key in line and not _is_count(line[key])]:
                logger.warning("%s:%d is left out: its %s is no number", path, number, wrong[0])
                continue
            if any(clock in line for clock in _CLOCKS):
                yield line


def _is_count(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value)


def _is_number(value: Any) -> bool:
    """Whether it is a float, or an integer that is not too large for one."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < _TOO_LARGE)


def _is_train(line: Mapping[str, Any]) -> bool:
    return ("iter" in line or "epoch" in line or "loss" in line or "lr" in line) and "step" in line


def _iterations_per_epoch(train: Sequence[Mapping[str, Any]]) -> float | None:
    """Iterations of an epoch, at least: a line of epoch e lies before the end of it."""
    known = [(line["epoch"], line.get("iter", line["step"])) for line in train if "epoch" in line]
    ended = [math.ceil(step / epoch) for epoch, step in known if epoch >= 1]
    return float(max(ended)) if ended else None
