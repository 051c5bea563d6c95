"""Kills trainings, again and again, and holds what they come to against one never touched.

``python tests/chaos --kills 500`` kills a training of one process 500 times, and one of two 200
times: by SIGKILL, at a moment of chance or in the midst of something. Whatever was killed is
resumed, until it ends; then the next training begins. Weights, the optimizer's state, averages,
schedulers, clocks, random numbers, the best score and every logged scalar have to be the same to
the bit. The exit code is 1 if anything differs.

``python tests/chaos --events 1`` lets each event of the file system in a short training be the last
one, or fail, one after the other: see `events`. ``--events 8`` tries each eighth, and a third as
many of trainings of two processes.

``python tests/chaos --damage 1`` flips bits of a checkpoint, and puts values of other types into
its parts: see `damage`. ``--damage 8`` tries each eighth.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from attempts import MOMENTS, Attempt
from damage import flip_bits, put_raw_types
from events import KINDS, MODES, sweep
from outcome import differences, outcome
from training import MODULES, import_again

_SHOWN = 8


class Round:
    """Trainings of so many processes: killed, resumed, ended and compared."""

    def __init__(self, folder: Path, *, ranks: int, dice: random.Random) -> None:
        self.folder, self.ranks, self.dice = folder, ranks, dice
        self.killed: Counter[str] = Counter()
        self.survived = self.trainings = self.tried = 0

    def run(self, kills: int) -> None:
        """Kill as often as that."""
        if not kills:
            return
        untouched = Attempt(self.folder / "untouched", ranks=self.ranks, workers=2)
        self._check_ended(untouched, "untouched")
        import_again(self.folder / "untouched" / MODULES)
        expected = outcome(self.folder / "untouched")
        again = self._attempt("again")  # now that everything is imported it takes less long
        self._check_ended(again, "again")
        if found := [*differences(expected, outcome(self.folder / "again"))]:
            sys.exit(f"two trainings that were never touched differ in {found[0]}")
        while self.killed.total() < kills:
            name = f"training_{self.trainings}"
            self._train(name, kills, again.seconds)
            self.trainings += 1
            found = [*differences(expected, outcome(self.folder / name))]
            self.survived += not found
            for each in found[:_SHOWN]:
                print(f"{name} of {self.ranks}: differs in {each}")

    def _train(self, name: str, kills: int, most_s: float) -> None:
        """Train to the end, killed up to a dozen times."""
        patience = self.dice.randint(6, 12)
        while patience and self.killed.total() < kills:
            moment = MOMENTS[self.tried % len(MOMENTS)]
            self.tried += 1  # not every moment comes in every attempt: none is waited for
            if not self._attempt(name).kill(moment, self.dice, most_s=most_s):
                return
            self.killed[moment] += 1
            patience -= 1
        self._check_ended(self._attempt(name), name)

    def _attempt(self, name: str) -> Attempt:
        # What a sample's reading draws depends on the sample alone: on no number of workers.
        workers = self.dice.choice([2, 2, 2, 1, 0])
        return Attempt(self.folder / name, ranks=self.ranks, workers=workers)

    def _check_ended(self, attempt: Attempt, name: str) -> None:
        if not attempt.finish():
            printed = [*(self.folder / name).glob("printed_*.txt")]
            text = "\n".join(file.read_text()[-3000:] for file in printed)
            sys.exit(f"{name} of {self.ranks} did not end well:\n{text}")


def main() -> int:
    """Run, and print a table."""
    options = _options()
    begin = time.monotonic()
    if options.events or options.damage:
        return _events(options.events) | _damage(options.damage, options.seed)
    rows: list[tuple[Any, ...]] = []
    with tempfile.TemporaryDirectory(prefix="engine-chaos-") as folder:
        for ranks, kills in ((1, options.kills), (2, options.kills_of_two)):
            dice = random.Random(options.seed + ranks)
            tried = Round(Path(folder, str(ranks)), ranks=ranks, dice=dice)
            tried.run(kills)
            moments = ", ".join(f"{moment} {tried.killed[moment]}" for moment in MOMENTS)
            rows.append((ranks, tried.killed.total(), tried.trainings, tried.survived, moments))
    print("processes  kills  trainings  the same to the bit  killed at")
    for ranks, total, trainings, survived, moments in rows:
        print(f"{ranks:>9}  {total:>5}  {trainings:>9}  {survived:>19}  {moments}")
    print(f"{time.monotonic() - begin:.0f} s, seed {options.seed}")
    return 0 if all(row[2] == row[3] for row in rows) else 1


_OF_TWO = 3  # of trainings of two processes, which take longer, so many times fewer events


def _events(every: int | None) -> int:
    """Try the events of the file system, and print a table."""
    if not every:
        return 0
    print("written         what happens  events  wrong")
    num_wrong = 0
    for mode in MODES:
        for kind in KINDS:
            with tempfile.TemporaryDirectory(prefix="engine-chaos-") as folder:
                each_nth = every * (_OF_TWO if MODES[mode] > 1 and every > 1 else 1)
                tried, wrong = sweep(Path(folder), mode, kind, every=each_nth)
            print(f"{mode:<14}  {kind:<12}  {tried:>6}  {len(wrong):>5}", flush=True)
            for each in wrong[:_SHOWN]:
                print(f"  {each}")
            num_wrong += len(wrong)
    return int(num_wrong > 0)


def _damage(every: int | None, seed: int) -> int:
    """Damage a checkpoint in many ways, and print a table."""
    if not every:
        return 0
    print("damage     tried  the one before is taken  wrong")
    num_wrong = 0
    for name, act in (("bits", flip_bits), ("raw types", put_raw_types)):
        with tempfile.TemporaryDirectory(prefix="engine-chaos-") as folder:
            found = act(Path(folder), every=every, seed=seed)
        print(
            f"{name:<9}  {found.tried:>5}  {found.passed_over:>23}  {len(found.wrong):>5}",
            flush=True,
        )
        for each in found.wrong[:_SHOWN]:
            print(f"  {each}")
        num_wrong += len(found.wrong)
    return int(num_wrong > 0)


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=25, help="of trainings of one process (25)")
    parser.add_argument(
        "--kills-of-two", type=int, help="of trainings of two processes (two fifths as many)"
    )
    parser.add_argument("--events", type=int, help="try each so many-th event of the file system")
    parser.add_argument("--damage", type=int, help="try each so many-th way to damage a checkpoint")
    parser.add_argument("--seed", type=int, default=0, help="of when is killed (0)")
    options = parser.parse_args()
    if options.kills_of_two is None:
        options.kills_of_two = options.kills * 2 // 5
    return options


if __name__ == "__main__":
    sys.exit(main())
