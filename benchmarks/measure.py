"""Paired measurements: ours and the peer's statement in turn, in one run, reported as ratios.

Times are CPU seconds of one thread in a process of each side's own, so that a busy machine
and its changing clock fall on both sides alike. Nothing here judges a figure: a target stands
beside the ratio for whoever reads the table.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing to time: a ``(setup, statement)`` for each side, as source code.

    ``number`` is how often a statement runs per measurement; None lets the worker find it.
    ``target`` is what the ratio theirs/ours should be at least, or None.
    """

    name: str
    ours: tuple[str, str]
    theirs: tuple[str, str]
    number: int | None = None
    target: float | None = None


class Side:
    """A process of one interpreter that times statements.

    Usable as a context manager; the process ends with it.
    """

    def __init__(
        self,
        python: str | Path = sys.executable,
        env: dict[str, str] | None = None,
        *,
        quiet: bool = False,
    ):
        """Start ``python`` with one numeric thread and ``env`` added to the environment.

        ``quiet`` drops what statements print.
        """
        self._process = subprocess.Popen(
            [str(python), "-u", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            text=True,
            env={**os.environ, **ONE_THREAD, **(env or {})},
        )

    def time(self, setup: str, statement: str, number: int | None = None) -> float:
        """CPU seconds of one execution of ``statement``.

        Raises:
            RuntimeError: the statement failed; the message holds its traceback.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        request = {"setup": setup, "statement": statement, "number": number}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the worker died"}')
        if "error" in answer:
            raise RuntimeError(f"{statement!r} failed:\n{answer['error']}")
        return float(answer["seconds"])

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def compare(title: str, cases: Sequence[Case], *, peer: str | Path, repeats: int = 7) -> None:
    """Time every case on both sides in turn ``repeats`` times, and print the table."""
    rows = [("", "ours", "theirs", "theirs/ours", "min", "max", "target")]
    with Side() as ours, Side(peer) as theirs:
        for case in cases:
            pairs = [
                (ours.time(*case.ours, case.number), theirs.time(*case.theirs, case.number))
                for _ in range(repeats)
            ]
            ratios = [b / a for a, b in pairs]
            mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
            target = f">= {case.target:g}" if case.target else ""
            shown = [f"{x:.2f}" for x in (statistics.median(ratios), min(ratios), max(ratios))]
            rows.append((case.name, seconds(mine), seconds(other), *shown, target))
    print_table(title, rows)


def import_cpu(
    python: str | Path, statement: str, baseline: str = "pass", repeats: int = 9
) -> float:
    """CPU seconds that ``statement`` takes in a fresh process after ``baseline`` (median)."""
    code = (
        f"import time\n{baseline}\nstart = time.process_time()\n{statement}\n"
        "print(time.process_time() - start)"
    )
    env = {**os.environ, **ONE_THREAD}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile again
    costs = []
    for _ in range(repeats + 1):
        command = [str(python), "-c", code]
        result = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
        costs.append(float(result.stdout.split()[-1]))
    return statistics.median(costs[1:])


def children_cpu() -> float:
    """Seconds of CPU that this process's children that ended have used."""
    import resource  # POSIX alone

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(value: float) -> str:
    """``value`` seconds in the unit that reads best."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if abs(value) * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def print_table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print ``rows`` (the first one is the head) in aligned columns."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        line = [row[0].ljust(widths[0]), *cells[1:]]
        print("  ".join(line).rstrip())
