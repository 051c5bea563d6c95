"""Commands of several machines on this one, and what stands in for slurm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

INTEGRATION = Path(__file__).parents[2] / "integration" / "library"

# Slurm's part, as its manual describes it: the script's options become variables, each task gets
# its own, and a signal goes to the tasks.
SRUN = """#!{python}
import os, subprocess, sys
arguments = sys.argv[1:]
while arguments[0].startswith("--"):
    arguments = arguments[1:]
nodes, each = (int(os.environ[f"SLURM_{name}"]) for name in ("NNODES", "NTASKS_PER_NODE"))
tasks = []
for rank in range(nodes * each):
    own = dict(SLURM_PROCID=rank, SLURM_LOCALID=rank % each, SLURM_NTASKS=nodes * each)
    own |= dict(SLURM_NODEID=rank // each, SLURM_STEP_NODELIST=os.environ["SLURM_JOB_NODELIST"])
    variables = os.environ | {key: str(value) for key, value in own.items()}
    tasks.append(subprocess.Popen(arguments, env=variables))
with open("tasks", "w") as file:
    print(*(task.pid for task in tasks), file=file)
sys.exit(max(task.wait() for task in tasks))
"""
SCONTROL = '#!/bin/sh\necho "$@" >> asked\n'
ENGINE = '#!/bin/sh\nexec "{python}" -m engine_runner "$@"\n'


def write_config(folder: Path, *lines: str) -> Path:
    """A config of the tiny training of the integration tests."""
    config = folder / "config.py"
    lines = (f"_base_ = {str(INTEGRATION / 'tiny_config.py')!r}", *lines)
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


def variables(**more: str) -> dict[str, str]:
    paths = [str(INTEGRATION), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    return {**os.environ, "ENGINE_PROGRESS": "0", "PYTHONPATH": path, **more}


def start(
    folder: Path, *arguments: str, before: tuple[str, ...] = (), **more: str
) -> subprocess.Popen[str]:
    """Start ``engine`` with these arguments, behind the words of ``before``."""
    return subprocess.Popen(
        [*before, sys.executable, "-m", "engine_runner", *arguments],
        cwd=folder,
        env=variables(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(*processes: subprocess.Popen[str], within: float = 120) -> list[tuple[int, str]]:
    """Wait for all, and return exit codes and what was said."""
    try:
        told = [process.communicate(timeout=within)[0] for process in processes]
    finally:
        for process in processes:
            kill(process)
    return [(process.returncode, text) for process, text in zip(processes, told, strict=True)]


def kill(process: subprocess.Popen[Any]) -> None:
    """End a machine: a process and all that it has started."""
    for pid in [*descendants(process.pid), process.pid]:
        if process.poll() is None or pid != process.pid:
            os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Processes below one, as Linux lists them."""
    parents: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
        parents.setdefault(parent, []).append(int(file.parent.name))
    below = list(parents.get(pid, ()))
    for child in below:
        below += parents.get(child, ())
    return below


def wait_until(condition: Any, *processes: subprocess.Popen[str]) -> None:
    """Return when ``condition()`` holds; a process that ends before is an error."""
    deadline = time.monotonic() + 120
    while not condition():
        ended = [process for process in processes if process.poll() is not None]
        assert not ended, ended[0].communicate()[0]
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)
