"""A search that goes on past what it finds: differences are collected and made shorter, by area."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from accepted import Accepted, accepted
from areas import AREAS
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from sides import Difference, Pair

ROUND = 10  # programs of an area before the next one's turn
MAX_SHORTENED = 20  # differences of an area that are made shorter; later ones are only counted


def unexpected(pair: Pair, program: str, area: str) -> Difference | None:
    """Return the first difference that nobody has accepted."""
    known: list[Accepted] = [each for each in accepted() if each.area == area]
    for found in pair.differences(program, fork=AREAS[area].forks):
        covering = [each for each in known if each.covers(found)]
        if not covering:
            return found
        if not covering[0].goes_on:
            return None
    return None


def shortened(pair: Pair, found: Difference, area: str) -> Difference:
    """Return a difference with the lines of its program that it needs."""
    lines = found.program.split("\n")
    at = len(lines) - 1
    while at >= 0:
        fewer = "\n".join(lines[:at] + lines[at + 1 :])
        again = unexpected(pair, fewer, area) if _is_python(fewer) else None
        if again is not None and (again.theirs, again.ours) == (found.theirs, found.ours):
            found, lines = again, fewer.split("\n")
        at -= 1
    return found


def _is_python(text: str) -> bool:
    try:
        compile(text, "<program>", "exec")
    except SyntaxError:
        return False
    return True


@dataclass
class Results:
    """What an area has given so far.

    Attributes:
        programs: how many were run.
        differing: how many of them differ.
        seconds: how long they took.
        kinds: the shortest difference of each kind.
    """

    programs: int = 0
    differing: int = 0
    seconds: float = 0.0
    kinds: dict[tuple[str, ...], Difference] = field(default_factory=dict)

    def add(self, found: Difference) -> bool:
        """Whether a difference is the first of its kind."""
        self.differing += 1
        kind = tuple(text[:40] for text in (found.theirs, found.ours))
        new = kind not in self.kinds
        if new or len(found.program) < len(self.kinds[kind].program):
            self.kinds[kind] = found
        return new and len(self.kinds) <= MAX_SHORTENED


def search_round(pair: Pair, area: str, results: Results, *, start: int) -> Iterator[Difference]:
    """Run some programs of an area; yield those that differ in a new way."""
    programs: list[str] = []

    @seed(start)
    @settings(
        max_examples=min(ROUND, AREAS[area].examples),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(AREAS[area].programs)
    def draw(program: str) -> None:
        programs.append(program)

    draw()
    for program in programs:
        before = time.monotonic()
        found = unexpected(pair, program, area)
        results.programs += 1
        results.seconds += time.monotonic() - before
        if found is not None and results.add(found):
            yield shortened(pair, found, area)


def search(pair: Pair, areas: list[str], *, minutes: float, start: int) -> dict[str, Results]:
    """Search areas in turn, and tell on the terminal how it goes; Ctrl-C ends it."""
    results = {area: Results() for area in areas}
    numbers = random.Random(start if start > 0 else None)
    began, now = time.monotonic(), 0.0
    try:
        while now < minutes * 60:
            for area in areas:
                for found in search_round(pair, area, results[area], start=numbers.getrandbits(32)):
                    print(f"\r\033[K== {area}\n{found}\n", flush=True)
                now = time.monotonic() - began
                _progress(results, area, now=now, minutes=minutes)
                if now >= minutes * 60:
                    break
    except KeyboardInterrupt:
        print("\nended by hand", file=sys.stderr)
    return results


def _progress(results: dict[str, Results], area: str, *, now: float, minutes: float) -> None:
    programs = sum(each.programs for each in results.values())
    differing = sum(each.differing for each in results.values())
    text = f"{now / 60:.1f} of {minutes:g} min: {programs} programs, {differing} differ; {area}"
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif int(now / 60) != int((now - 5) / 60):
        print(text, file=sys.stderr, flush=True)


def summary(results: dict[str, Results]) -> str:
    """Return a table by area."""
    rows = [f"{'area':15} {'programs':>9} {'minutes':>8} {'differ':>7} {'kinds':>6}"]
    for area, each in results.items():
        minutes, kinds = each.seconds / 60, len(each.kinds)
        rows += [f"{area:15} {each.programs:9} {minutes:8.1f} {each.differing:7} {kinds:6}"]
    return "\n".join(rows)
