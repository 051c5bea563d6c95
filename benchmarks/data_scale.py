"""Data sets of a million annotations and more: start, a look at one, memory of eight workers.

`packed` and `mapped` are Engine's `serialize_data=True` and `"mmap"`; `table` is one of Hugging
Face's datasets. All take turns in one run. Needs Linux's /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from measure import ONE_THREAD, print_table, seconds
from peer import datasets_python, mmengine_python

SCRIPT = Path(__file__).parent / "scale" / "annotated.py"
PYTHONS = {
    "packed": lambda: sys.executable,
    "mapped": lambda: sys.executable,
    "mmengine": mmengine_python,
    "table": datasets_python,
}
WORKERS = 8
FEW = 100  # annotations, whose workers say what there is without any


def measured(kind: str, size: int, method: str, folder: str, *, workers: int) -> dict[str, float]:
    """What one program found."""
    command = [str(PYTHONS[kind]()), str(SCRIPT), kind, str(size), method]
    command += [str(workers), folder]
    env = {**os.environ, **ONE_THREAD, "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    out = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def row(kind: str, first: Mapping[str, float], again: Mapping[str, float]) -> list[str]:
    """The figures of a start, first and again."""
    looks = f"{again['look_us']:.2f} us"
    times = [first["start_s"], first["start_cpu_s"], again["start_s"], again["start_cpu_s"]]
    return [kind, *map(seconds, times), looks]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="*", default=[*PYTHONS], choices=[*PYTHONS])
    parser.add_argument("--methods", nargs="*", default=["fork", "spawn"])
    args = parser.parse_args()
    starts = [["", "first start", "its CPU", "start", "its CPU", "dataset[i]"]]
    rows = [("MB", "parent", "worker: PSS", "written", "more than of none", "all nine")]
    with tempfile.TemporaryDirectory() as folder:
        for kind in args.kinds:
            first = measured(kind, args.size, args.methods[0], folder, workers=1)
            for method in args.methods:
                none = measured(kind, FEW, method, folder, workers=1)
                found = measured(kind, args.size, method, folder, workers=WORKERS)
                if method == args.methods[0]:
                    starts.append(row(kind, first, found))
                shown = (found["parent_mb"], found["pss_mb"], found["own_mb"])
                more = found["own_mb"] - none["own_mb"]
                figures = [*shown, more, found["all_mb"]]
                rows.append((f"{kind}, {method}", *(f"{figure:.1f}" for figure in figures)))
    print_table(f"{args.size:,} annotations: starting, and a look", starts)
    print_table("memory while eight workers read", rows)


if __name__ == "__main__":
    main()
