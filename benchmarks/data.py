"""BaseDataset with many small annotations: start-up, a look at one, memory of a worker."""

from __future__ import annotations

import subprocess
import sys

from measure import Case, compare, print_table
from peer import mmengine_python

MAKE = """
import json, os, pickle, random, tempfile
from pathlib import Path
try:
    from engine_dataset import BaseDataset
except ImportError:
    from mmengine.dataset import BaseDataset

class Listed(BaseDataset):
    def __init__(self, size, **kwargs):
        self.size = size
        super().__init__(data_prefix={}, **kwargs)

    def load_data_list(self):
        return [
            {"img_path": f"train/{i:08d}.jpg", "gt_label": i % 1000, "height": 480, "width": 640}
            for i in range(self.size)
        ]
"""

MEMORY = (
    MAKE
    + """
import gc, sys
from multiprocessing import get_context
from pathlib import Path

def private_kb():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private"))

def look(dataset, pipe):
    pipe.recv()
    before = private_kb()
    for index in range(0, len(dataset), 7):
        dataset[index]
    pipe.send(private_kb() - before)

if __name__ == "__main__":
    size, packed = int(sys.argv[1]), sys.argv[2] == "packed"
    dataset = Listed(size, serialize_data=packed)
    list_kb = sum(len(pickle.dumps(dataset.get_data_info(i))) for i in range(1000)) * size / 1e6
    gc.collect()
    gc.freeze()
    context = get_context("fork")
    mine, theirs = context.Pipe()
    worker = context.Process(target=look, args=(dataset, theirs))
    worker.start()
    mine.send(None)
    grown = mine.recv()
    worker.join()
    print(list_kb, grown)
"""
)


def memory(size: int) -> None:
    """Print what a forked worker's own memory grows by when it reads every 7th annotation."""
    rows = [("private memory of a worker that reads", "list, MB", "worker, MB", "%")]
    for name, python in (("ours", sys.executable), ("theirs", mmengine_python())):
        out = subprocess.run(
            [python, "-c", MEMORY, str(size), "packed"], capture_output=True, text=True, check=True
        ).stdout.split()
        listed, grown = float(out[-2]) / 1000, float(out[-1]) / 1000
        rows.append((name, f"{listed:.0f}", f"{grown:.1f}", f"{100 * grown / listed:.1f}"))
    print_table(f"Workers of a data set of {size:,} annotations", rows)


def main() -> None:
    """Measure, and print."""
    if "--help" in sys.argv or "-h" in sys.argv:
        print(__doc__)
        return
    looks = MAKE + "data = Listed(50_000)\nnumbers = iter(range(10**9))"
    compare(
        "BaseDataset",
        [
            Case(
                name="start-up with 50,000 annotations",
                ours=(MAKE, "Listed(50_000)"),
                theirs=(MAKE, "Listed(50_000)"),
                number=1,
                target=1,
            ),
            Case(
                name="dataset[i], a small annotation",
                ours=(looks, "data[next(numbers) % 50_000]"),
                theirs=(looks, "data[next(numbers) % 50_000]"),
                target=1,
            ),
        ],
        peer=mmengine_python(),
    )
    if sys.platform == "linux":
        memory(1_000_000)


if __name__ == "__main__":
    main()
