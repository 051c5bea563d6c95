"""The same small training by every trainer, as somebody who chooses one would look at it.

ResNet-18 on pictures of 32 x 32 and a transformer of two layers on text, each three epochs with a
log line every five iterations, a validation and a checkpoint after each epoch
(`benchmarks/peers/`). All take turns, some rounds long; the figures are medians.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measure import ONE_THREAD, print_table
from peer import mmengine_python, trainers_python
from sizes import LOOK, closure

HERE = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[1]
TASKS = ("pictures", "text")


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """A trainer: its program, what is installed for it, and the interpreter that has it."""

    name: str
    program: str
    packages: tuple[str, ...]
    python: Callable[[], str | Path] = trainers_python


TRAINERS = (
    Trainer(name="plain loop", program="plain", packages=()),
    Trainer(
        name="Engine",
        program="engine",
        packages=("engine-runner",),
        python=lambda: sys.executable,
    ),
    Trainer(name="MMEngine", program="engine", packages=("mmengine",), python=mmengine_python),
    Trainer(name="Lightning", program="lightning_", packages=("lightning",)),
    Trainer(name="Fabric", program="fabric", packages=("lightning",)),
    Trainer(name="Accelerate", program="accelerate_", packages=("accelerate",)),
    Trainer(name="HF Trainer", program="transformers_", packages=("transformers", "accelerate")),
    Trainer(name="Ignite", program="ignite_", packages=("pytorch-ignite",)),
)


def lines_of(program: str) -> int:
    """Lines of a program in one layout, without blank ones, comments and docstrings."""
    tree = ast.parse((HERE / f"{program}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return sum(bool(line.strip()) for line in ast.unparse(tree).splitlines())


def installed(trainer: Trainer) -> tuple[str, float]:
    """The versions, and the MB beside torch and what torch requires."""
    run = [str(trainer.python()), "-c", LOOK + VERSIONS]
    out = subprocess.run(run, check=True, capture_output=True, text=True).stdout.splitlines()
    found, versions = (json.loads(line) for line in out)
    names: set[str] = set()
    for package in trainer.packages:
        names |= closure(found, package)
    names -= closure(found, "torch")
    size = sum(max(int(found[name][0]), _sources(name)) for name in names)
    shown = ", ".join(f"{name} {versions[name]}" for name in trainer.packages)
    return shown or f"torch {versions['torch']}", size / 1e6


VERSIONS = """
print(json.dumps({d.name.lower().replace("_", "-"): d.version for d in metadata.distributions()}))
"""


def _sources(name: str) -> int:
    """Bytes of one of our packages, which may be installed by reference."""
    files = (ROOT / "packages" / name / "src").rglob("*")
    return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc")


def trained(trainer: Trainer, task: str) -> dict[str, float]:
    """What one training told."""
    env = {**os.environ, **ONE_THREAD, "TASK": task, "BEGAN": str(time.time())}
    command = [str(trainer.python()), str(HERE / "start.py"), trainer.program]
    run = subprocess.run(command, capture_output=True, text=True, env=env)
    if run.returncode:
        raise RuntimeError(f"{trainer.name} failed at {task}:\n{run.stderr[-2000:]}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Train, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", nargs="*", default=TASKS, choices=TASKS)
    args = parser.parse_args()
    told: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(args.rounds):
        for task in args.tasks:
            for trainer in TRAINERS:
                told.setdefault((task, trainer.name), []).append(trained(trainer, task))
    for task in args.tasks:
        rows = [("", "to the first step, CPU s", "an epoch, CPU s", "of the plain loop", "peak MB")]
        for trainer in TRAINERS:
            runs, plain = told[task, trainer.name], told[task, TRAINERS[0].name]
            ratios = [a["epoch_s"] / b["epoch_s"] for a, b in zip(runs, plain, strict=True)]
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            figures = (middle["first_s"], middle["epoch_s"], statistics.median(ratios))
            shown = [f"{figure:.2f}" for figure in figures]
            rows.append((trainer.name, *shown, f"{middle['peak_mb']:.0f}"))
        print_table(task, rows)
    rows = [("", "lines of user code", "MB beside torch", "versions")]
    for trainer in TRAINERS:
        versions, size = installed(trainer)
        rows.append((trainer.name, str(lines_of(trainer.program)), f"{size:.0f}", versions))
    print_table("what it takes", rows)


if __name__ == "__main__":
    main()
