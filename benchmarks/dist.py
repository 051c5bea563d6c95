"""engine-dist against mmengine.dist: collecting results from two processes, and the import.

2 gloo processes hold 1,000 results of 100 kB in turn (100 MB in all); seconds of wall-clock time
in the main process from a barrier to the ordered list, the median of 3 in each of several
alternating pairs of runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import distributed as dist
from torch import multiprocessing as mp

RESULTS, RESULT_BYTES, NPROC = 1000, 100_000, 2


def worker(rank: int, port: int, module: str, device: str) -> None:
    """One of the processes; the main one prints its median seconds."""
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=NPROC)
    collect = importlib.import_module(module).collect_results
    mine = [
        {"id": i, "scores": torch.rand(RESULT_BYTES // 8), "mask": np.ones(RESULT_BYTES // 2, "u1")}
        for i in range(rank, RESULTS, NPROC)
    ]
    times = []
    for _ in range(3):
        dist.barrier()
        start = time.perf_counter()
        found = collect(mine, RESULTS, device)
        times.append(time.perf_counter() - start)
        assert rank or [result["id"] for result in found] == list(range(RESULTS))
    if rank == 0:
        print(f"seconds {statistics.median(times)}")
    dist.destroy_process_group()


def run_side(python: str | Path, module: str, device: str) -> float:
    """Seconds that ``module`` takes in processes of ``python``."""
    command = [str(python), __file__, "--worker", module, device]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout.split("seconds ")[1])


def main() -> None:
    """Print both tables."""
    from measure import import_cpu, print_table, seconds
    from peer import mmengine_python

    peer = mmengine_python()
    rows = [("", "ours", "theirs", "theirs/ours", "min", "max", "target")]
    for device, target in (("cpu", ">= 3"), ("gpu", ">= 1.5")):
        pairs = [
            (
                run_side(sys.executable, "engine_dist", device),
                run_side(peer, "mmengine.dist", device),
            )
            for _ in range(5)
        ]
        ratios = sorted(theirs / ours for ours, theirs in pairs)
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        shown = [f"{ratio:.2f}" for ratio in (statistics.median(ratios), ratios[0], ratios[-1])]
        name = f"collect_results, {device!r}"
        rows.append((name, seconds(ours), seconds(theirs), *shown, target))
    print_table("1,000 results of 100 kB from 2 gloo processes (wall-clock)", rows)
    baseline = "import torch, numpy"
    cost = import_cpu(sys.executable, "import engine_dist", baseline)
    other = import_cpu(peer, "import mmengine.dist", baseline)
    rows = [("import over torch's own", "CPU", "target")]
    rows.append(("engine_dist", seconds(cost), "<= 40 ms"))
    rows.append(("mmengine.dist", seconds(other), ""))
    print_table("imports", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("MODULE", "DEVICE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        import socket

        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            free = listener.getsockname()[1]
        mp.spawn(worker, (free, *arguments.worker), nprocs=NPROC)
    else:
        main()
