"""What the framework exchanges, keeps and writes on the first and the last of many ranks.

It counts; no time is taken. Two processes are real, and the others are taken to do what the last
one does: see tests/scale/library/crowd.py.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).parent.parent / "tests" / "scale" / "library"
STAGES = {
    "start": "start, DDP",
    "start, sharded": "start, FSDP2",
    "iteration, one file": "iterations (2 to 11)",
    "evaluation": "evaluation, merged metric",
    "gathering": "evaluation, gathered predictions",
    "save, one file": "save, one file",
    "save, one file, in a window": "the same, gradients waiting",
    "save, sharded": "save, sharded",
    "end, one file": "stop, by a signal, with a save",
    "resume, one file": "resume, one file",
}
COLLECTIVES = ("all_reduce", "broadcast", "gather", "all_gather", "barrier")


def rows(size: int, ranks: Any) -> list[str]:
    """A line for each stage, and each of the two ranks."""
    found = []
    for stage, shown in STAGES.items():
        for rank, each in zip((0, size - 1), ranks, strict=True):
            counts = each.counts(stage)
            number = sum(counts.get(kind, (0,))[0] for kind in COLLECTIVES)
            messages = sum(counts.get(kind, (0,))[0] for kind in ("send", "recv"))
            sent = sum(every[1] for every in counts.values())
            received = sum(every[2] for every in counts.values())
            peak, written = each.peaks.get(stage), each.sizes.get(stage)
            # what a process imports for the first time isn't a matter of ranks
            memory = "" if peak is None or stage.startswith("start") else f"{peak / 1e6:.2f}"
            file = "" if written is None or rank else f"{written / 1e3:.1f}"
            head = f"{shown if not rank else '':34}{rank:>6}{number:>6}{messages:>7}"
            found.append(f"{head}{sent:>10}{received:>11}{memory:>9}{file:>9}")
    return found


def main() -> None:
    """Count, and print a table for each number of ranks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[2, 64, 128, 4096])
    sizes = parser.parse_args().sizes
    sys.path.insert(0, str(LIBRARY))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(LIBRARY), os.environ.get("PYTHONPATH", "")])
    import many_ranks  # from the folder of its tests

    for size in sizes:
        print(f"\n{size} ranks: what the framework adds to torch's own collectives")
        print(
            f"{'':34}{'rank':>6}{'coll.':>6}{'mess.':>7}{'B sent':>10}{'B received':>11}"
            f"{'MB peak':>9}{'kB file':>9}"
        )
        print("\n".join(rows(size, many_ranks.measure(size))), flush=True)


if __name__ == "__main__":
    main()
